"""打包: warehouses without a system at work, their slips and settings."""
