"""Orders through stores: how they get a store, what happens to their goods there, what buyers are told."""
