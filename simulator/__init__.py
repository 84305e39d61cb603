"""The offline Stripe: a stateful stand-in for Stripe's API, served over HTTP on loopback only.

It is our own because flows branch on saved answers, declines, 409, 429 and failures after the
effect, and no existing stand-in has all of them for every resource. `stripe-flows simulator` or
`python -m stripe_flows.simulator` starts it; `client.SimulatorClient` drives it from Python.
"""
