"""寻源: its settings, plans of pools, and looking at plans again."""
