"""A stateful stand-in for Stripe: a real HTTP server in a process of its own, on loopback only.

Why our own: flows branch on saved answers, declines, 409, 429 and failures after the effect, and no
stand-in that exists has them all for every resource. Started by
`python -m stripe_flows.simulator`; driven in tests by `client.SimulatorClient`.
"""
