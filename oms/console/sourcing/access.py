"""Permissions of sourcing: its settings, plans, looking again at plans, what if, tariffs and transit hours.

How far a permission reaches is told by oms.console.rules.access: a shop's own settings, or those that many shops share.
"""

from __future__ import annotations

from typing import Final

from oms.console.rules.access import check_reach, why_not

VIEW: Final = "sourcing.view"
TRY: Final = "sourcing.try"
EDIT: Final = "sourcing.edit"

__all__ = ["EDIT", "TRY", "VIEW", "check_reach", "why_not"]
