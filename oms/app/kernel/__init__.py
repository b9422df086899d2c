"""What every room stands on: documents in memory, the one writer of statuses, events, outbound, the read side."""
