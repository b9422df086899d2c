"""What mutations do. Each answers the member of its union, or raises `Refused` with the member that says no."""
