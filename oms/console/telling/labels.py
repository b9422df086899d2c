"""How the change of a label reads: the ways it goes, the parts that change, how it stands."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.app.pipeline.labels.changed import PLATFORM
from oms.console.messages import _, _l

WAYS: Final = {
    "direct": _l("直接改"),
    "update": _l("承运商改单，仓库不停"),
    "renew": _l("仓库退回后重新下发"),
}
PARTS: Final = {"name": _l("姓名"), "phone": _l("电话"), "address": _l("地址"), "carrier": _l("承运商")}
KINDS: Final = ("label_asked", "label_confirmed", "receiver_changed")
LAST: Final = """
select c.way, c.state, c.asked_by from label_change c where c.order_id = %s or c.fulfilment_id in (
  select fulfilment_id from fulfilment_line where order_id = %s) order by c.id desc limit 1"""
#: What an order's page says of the last change that the platform told, by way and state.
STANDING: Final = {
    ("update", "asked"): (_l("平台改了收件人：承运商在改面单，仓库不停工"), "warn"),
    ("update", "told"): (_l("平台改了收件人：承运商已改面单，等仓库说换好"), "warn"),
    ("update", "confirmed"): (_l("平台改了收件人：面单已换好，仓库没停工"), "ok"),
    ("renew", "asked"): (_l("平台改了收件人：等仓库退回，退回后按新地址重新下发"), "warn"),
    ("renew", "confirmed"): (_l("平台改了收件人：仓库已退回，按新地址重新下发"), "ok"),
}
FAILED: Final = (_l("平台改了收件人：面单没改成，看截停记录和时间线"), "late")


def told_of_label(kind: str, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of an event about a label with the codes of ways and parts in words; those of others as they are."""
    if kind not in KINDS:
        return facts
    told = dict(facts)
    if facts.get("way") in WAYS:
        told["way"] = str(WAYS[facts["way"]])
    if isinstance(facts.get("field"), list):
        told["field"] = _("、").join(str(PARTS.get(part, part)) for part in facts["field"])
    return told


def standing_of(connection: Connection, order_id: int) -> tuple[str, str] | None:
    """How the platform's change of a receiver stands, and the tone of that; None when people made the last change."""
    for way, state, asked_by in fetch(connection, LAST, (order_id, order_id)):
        if asked_by == PLATFORM:
            words, tone = STANDING.get((way, state), FAILED)
            return str(words), tone
    return None
