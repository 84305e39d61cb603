# Sells by use: a meter, a price on it, and a subscription to it. Once; then report what was used
# with examples/usage_report. params: customer (without one a sample is made), test_clock.
billing_meters().status("active").limit(100).list_async(then="examples/usage_meters")
