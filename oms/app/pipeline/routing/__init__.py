"""What rules of route and carrier ask, and the ways they leave for an order."""
