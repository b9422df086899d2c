"""Where receivers are, for points that deliver within a distance."""
