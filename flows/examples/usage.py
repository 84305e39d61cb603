# Sell by use: a meter, its price, and a subscription. Run it once, then report the use with
# examples/usage_report. params: customer (default: a new sample), test_clock.
billing_meters().status("active").limit(100).list_async(then="examples/usage_meters")
