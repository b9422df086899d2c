"""合单 beyond the step itself: pump, keys, settings and rules, what people join by hand, and the log of it."""
