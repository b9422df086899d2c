"""库存: levels, points, the papers that move stock, and what is promised of it."""
