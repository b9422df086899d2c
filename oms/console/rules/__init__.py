"""规则: rule sets and their versions, where they hold, what they gave, and what stands in their way."""
