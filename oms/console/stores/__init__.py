"""门店: a store at work on its own screens, and what is set of stores."""
