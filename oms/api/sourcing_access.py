"""Permissions of sourcing in the API: its settings, plans, looking again at plans, and what if."""

from __future__ import annotations

from oms.api.rule_sets_access import LARGEST_ID, check_reach

VIEW, TRY, EDIT = "sourcing.view", "sourcing.try", "sourcing.edit"

__all__ = ["EDIT", "LARGEST_ID", "TRY", "VIEW", "check_reach"]
