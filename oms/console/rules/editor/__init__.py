"""规则 · 编辑器: a draft's rules while they are written, as trees or as one text."""
