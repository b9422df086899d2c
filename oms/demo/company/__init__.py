"""The example company of a running demo: how it works, set up and lived through the hub's own use cases."""
