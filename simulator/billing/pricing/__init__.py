"""Products, prices, coupons, discounts, tax rates and meters."""
