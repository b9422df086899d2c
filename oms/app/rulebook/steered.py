"""Which setting and which plan of sourcing counted for a decision, as it keeps them, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from oms.app.rulebook.path import NoteTold
from oms.app.rulebook.verdicts import NOTES

#: What a decision keeps of them: (scope, id, revision), and (pool, version).
STEERED: Final = ("set", "plan")
_SCOPES: Final = {"pool": ("库存池", "stock pool"), "channel": ("渠道", "channel"), "shop": ("店铺", "shop")}


def tell_steered(code: str, kept: Sequence[Any]) -> NoteTold:
    """The row that counted; its name is where the reference leads."""
    if code == "plan":
        pool_id, version = kept
        zh, en, ref = f"第 {version} 次算的", f"number {version}", f"plan:{pool_id}"
    else:
        scope, scope_id, revision = kept
        zh, en = _SCOPES.get(scope, (scope, scope))
        zh += f"的设置，第 {revision} 版" if revision else "自己的规定"
        en = f"of the {en}, revision {revision}" if revision else f"the {en}'s own"
        ref = f"{scope}:{scope_id}"
    return NoteTold(code, *NOTES[code], zh, en, ref)
