"""`oms up`: one parent that starts PostgreSQL, the web, the workers and the clock, and keeps them running."""

from oms.supervisor.parent import Supervisor
from oms.supervisor.up import own_programs, run_postgres, run_up

__all__ = ["Supervisor", "own_programs", "run_postgres", "run_up"]
