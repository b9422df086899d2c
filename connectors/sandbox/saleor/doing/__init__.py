"""Mutations: what an app may do to orders, refunds, stock and web hooks. Refusals are `errors` of the payload."""
