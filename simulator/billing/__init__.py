"""What customers are billed: prices, invoices, subscriptions."""
