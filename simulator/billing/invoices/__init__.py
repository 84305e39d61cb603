"""Invoices, their lines, totals and payments; credit notes and customer balances."""
