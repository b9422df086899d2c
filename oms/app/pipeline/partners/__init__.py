"""代销分销: whose an order is, who sends it, and what its lines are settled at."""
