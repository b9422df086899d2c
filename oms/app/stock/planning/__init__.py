"""The batch planner of sourcing: the mix of recent demand, the linear programme over it, the plan that is written."""
