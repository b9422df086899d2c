"""Mutations: what an app may do to orders, returns, stock and web hooks. Refusals are userErrors of the answer."""
