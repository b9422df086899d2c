"""Stock points without a system: the work of their people, parcels, waves and swaps."""
