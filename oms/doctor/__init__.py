"""`oms doctor`: is everything in place for the hub to run well here? Each finding says what to do."""

from oms.doctor.examination import DATABASE_CHECKS, HOST_CHECKS, examine
from oms.doctor.finding import Finding

__all__ = ["DATABASE_CHECKS", "HOST_CHECKS", "Finding", "examine"]
