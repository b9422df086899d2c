"""规则 · 先试: drafts of rules on real orders, beside what is in force."""
