"""Sourcing as people steer it: what a place says, plans of the batch planner, their history, what came of them."""
