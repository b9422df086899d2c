"""运行: what keeps the hub going, and what stands still: streams, parked records, calls, stops."""
