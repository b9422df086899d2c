"""Everything that comes in: sync, intake, parked records, pushes."""
