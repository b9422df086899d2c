"""Money beside the orders: what couriers collected, and partners with their statements."""
