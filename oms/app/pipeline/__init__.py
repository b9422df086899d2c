"""The seven steps. Steps never import each other; `advance` and `pump_merge` walk orders through them."""
