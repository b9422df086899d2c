"""工作台: the seven steps, what needs people, what is wrong, and how each shop is synchronised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from oms.app.kernel.queries import home as queries
from oms.app.kernel.queries import operations
from oms.app.kernel.queries.work import OpenWork, PhaseCounts, open_work, phase_counts
from oms.console import refusals
from oms.console.context import connection, person, shops
from oms.console.home.alerts import alert_lines
from oms.console.messages import _, _l
from oms.console.operations.sync import tiles_of
from oms.console.rendering import now
from oms.console.security import Person, requires
from oms.domain.phase import PHASES, Phase

pages = Blueprint("home", __name__)

STEPS = (_l("归集"), _l("预处理"), _l("审核"), _l("合单"), _l("下发"), _l("跟踪"), _l("回传"))


@dataclass(frozen=True, slots=True)
class Step:
    """One of the seven blocks: orders here, by phase, and what is stuck."""

    number: int
    name: object
    here: int
    phases: list[tuple[Phase, int]]
    is_hot: bool
    extra: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line of "what is wrong"."""

    tone: str
    icon: str
    title: str
    detail: str
    href: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of open work in the page's first sentence."""

    words: str
    href: str
    tone: str


@pages.get("/")
@requires("order.view", "store.work")
def home() -> str | Response:
    """The home page; the strip alone is `/steps`. Who only works at a store starts with its tasks."""
    who = person()
    if not who.allows("order.view") or (works_at_store_only(who) and "desk" not in request.args):
        return redirect(url_for("stores.today"))
    ids = shops().ids
    work = open_work(connection(), ids)
    return render_template(
        "home.html",
        steps=_steps(ids, work),
        work=work,
        headline=_headline(ids, work),
        tiers=queries.review_by_tier(connection(), ids, now()),
        holds=queries.holds_by_kind(connection(), ids),
        wrong=_wrong(ids, work),
        tiles=tiles_of(shops(), connection()),
    )


def works_at_store_only(who: Person) -> bool:
    """Whether all that a person may do, beside looking, is work of stores: they stand there, a phone in hand."""
    does = [name for name in who.permissions if not name.endswith(".view")]
    return who.allows("store.work") and all(name.startswith("store.") for name in does)


def _headline(ids: Sequence[int], work: OpenWork) -> list[Waiting]:
    """Every kind of open work the person may see, each counted once."""
    may, held = person().allows, queries.held_count(connection(), ids)
    kinds = [
        (work.review, _("%(n)s 单待审核", n=work.review), url_for("review.queue"), ""),
        (held, _("%(n)s 单挂起", n=held), "#todo", ""),
        (work.cases if may("case.view") else 0, _("%(n)s 张售后", n=work.cases), url_for("cases.listing"), ""),
        (
            work.trouble if may("operations.view") else 0,
            _("%(n)s 件运行上的事", n=work.trouble),
            "#wrong",
            "late",
        ),
    ]
    return [Waiting(words, href, tone) for number, words, href, tone in kinds if number]


@pages.get("/steps")
@requires("order.view")
def strip() -> str:
    """The seven-step strip alone, for swapping in place."""
    ids = shops().ids
    return render_template("parts/steps.html", steps=_steps(ids, open_work(connection(), ids)))


def _steps(shop_ids: Sequence[int], work: OpenWork) -> list[Step]:
    counts = phase_counts(connection(), shop_ids)
    outbound = _outbound_counts(shop_ids)
    steps = [_step(number, counts) for number in range(1, 8)]
    if work.parked:
        steps[0] = _with_extra(steps[0], _("解析失败 %(n)s", n=work.parked), url_for("parked.listing"))
    stuck = outbound.get(("push_shipment", True), 0)
    if stuck:
        steps[6] = _with_extra(steps[6], _("回传卡住 %(n)s", n=stuck), url_for("outbound.listing"))
    return steps


def _step(number: int, counts: PhaseCounts) -> Step:
    phases = [(phase, counts.of(phase.code)) for phase in PHASES.values() if phase.step == number]
    here = sum(count for _phase, count in phases)
    hot = any(count and phase.tone in ("held", "failed") for phase, count in phases)
    return Step(number, STEPS[number - 1], here, phases, hot)


def _with_extra(step: Step, words: str, href: str) -> Step:
    return Step(step.number, step.name, step.here, step.phases, True, words, href)


def _outbound_counts(shop_ids: Sequence[int]) -> dict[tuple[str, bool], int]:
    """Open outbound rows by (kind, needs a person)."""
    found: dict[tuple[str, bool], int] = {}
    for row in queries.outbound_by_state(connection(), shop_ids):
        key = (row.kind, row.state in ("refused", "stuck"))
        found[key] = found.get(key, 0) + row.n
    return found


def _wrong(shop_ids: Sequence[int], work: OpenWork) -> list[Wrong]:
    lines = [*_wrong_streams(shop_ids)]
    if work.stops:
        lines.append(Wrong("late", "hand-stop", _("%(n)s 个紧急停发在生效", n=work.stops), "", url_for("stops.listing")))
    if work.stuck:
        lines.append(
            Wrong(
                "warn",
                "send",
                _("%(n)s 个推送卡住或被拒绝", n=work.stuck),
                _("对方没收下，等人看证据后重推或作废"),
                url_for("outbound.listing"),
            )
        )
    if work.unread:
        lines.append(
            Wrong(
                "warn",
                "file-alert",
                _("%(n)s 份报文没处理成", n=work.unread),
                _("修好原因后一起重试，其余订单不受影响"),
                url_for("parked.listing"),
            )
        )
    if work.interceptions:
        lines.append(
            Wrong(
                "late",
                "alert-triangle",
                _("%(n)s 个截停没拦下", n=work.interceptions),
                _("货可能已经发出，联系仓库或快递"),
                url_for("interceptions.listing"),
            )
        )
    lines += [Wrong("warn", "info-circle", title, detail, href) for title, detail, href in alert_lines()]
    return lines[:8]


def _wrong_streams(shop_ids: Sequence[int]) -> list[Wrong]:
    found = []
    for shop_id, rows in operations.streams(connection(), shop_ids).items():
        failing: Any = max(rows, key=lambda row: row.failures or 0)
        shop = shops().get(shop_id)
        if failing.failures and shop is not None:
            words = _("%(shop)s 连续 %(n)s 次没抓到", shop=shop.name, n=failing.failures)
            found.append(Wrong("late", "plug-connected", words, refusals.told(failing.last_error), url_for("sync.tiles")))
    return found
