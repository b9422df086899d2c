"""规则 · 试算: variants of sourcing on real orders, beside what is in force."""
