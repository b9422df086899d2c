"""Calls to the outside world: written with their cause, built at the call, looked up, and what answers lead to."""
