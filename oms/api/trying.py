"""Trials of rules through the API: dry runs, backtests and what they found, agreement and coverage."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from oms.api.access import caller, hub, require_shop, visible_shops
from oms.api.blueprints import BODY, QUERY, Routes
from oms.api.rule_sets_access import EDIT, LARGEST_ID, VERSION_ID, VIEW, visible_version
from oms.api.trying_asked import (
    BacktestIn,
    BacktestsQuestion,
    ChangesQuestion,
    DryRunIn,
    DryRunRulesIn,
    PeriodQuestion,
)
from oms.api.trying_schemas import (
    BacktestChangePage,
    BacktestExplainedOut,
    BacktestOut,
    BacktestPage,
    CoverageOut,
    DryRunOut,
    RuleAgreementOut,
)
from oms.app.kernel.queries.order_page import load_order
from oms.app.rulebook.trying import agreement, backtests, coverage, dry, results
from oms.app.rulebook.trying.backtests import Period
from oms.app.rulebook.trying.personal import UNMASK
from oms.app.rulebook.trying.questions import Filter
from oms.domain.errors import NotFound

routes = Routes("trying", "Trying rules first: dry runs, backtests, agreement and coverage")
BACKTEST = f"/rule-backtests/<{LARGEST_ID}:backtest_id>"
ORDERS = "order.view"


@routes.post("/rule-dry-runs", VIEW, DryRunOut, asks=[(BODY, DryRunRulesIn)], refuses=[404, 422])
def try_rules(asked: dict[str, Any]) -> Any:
    """What rules that are stored nowhere would decide for one order now; changes nothing."""
    sees_plain = _require_order(asked["order_id"])
    return dry.try_rules(hub(), asked["stage"], asked["rules"], asked["order_id"], sees_plain=sees_plain)


@routes.post(f"/rule-set-versions/{VERSION_ID}/dry-runs", VIEW, DryRunOut, asks=[(BODY, DryRunIn)], refuses=[404, 422])
def try_version(asked: dict[str, int], version_id: int) -> Any:
    """What a version would decide for one order now, beside what is in force; changes nothing."""
    with hub().engine.connect() as connection:
        _version, rule_set = visible_version(connection, version_id)
    sees_plain = _require_order(asked["order_id"])
    return dry.try_version(hub(), version_id, rule_set.stage, asked["order_id"], sees_plain=sees_plain)


@routes.post(
    f"/rule-set-versions/{VERSION_ID}/backtests", EDIT, BacktestOut, asks=[(BODY, BacktestIn)], refuses=[404, 422],
    status=201,
)  # fmt: skip
def ask_backtest(asked: dict[str, Any], version_id: int) -> Any:
    """Have a version tried on past orders beside what is in force, or another version; read on at the backtest."""
    with hub().engine.connect() as connection:
        for each in (version_id, asked["against"] or version_id):
            visible_version(connection, each)
        mine = _shops(connection)
    chosen = mine if asked["shop_ids"] is None else asked["shop_ids"]
    if not set(chosen) <= set(mine):
        raise NotFound("there is no such shop")
    period = Period(asked["since"], asked["until"])
    narrowed = Filter(**asked["filter"])
    started = backtests.ask_backtest(
        hub(), version_id, period, chosen, caller().actor, asked=narrowed, against_id=asked["against"],
        sees_plain=all(caller().allows(UNMASK, shop_id) for shop_id in chosen),
    )  # fmt: skip
    return _find(started)


@routes.get("/rule-backtests", VIEW, BacktestPage, asks=[(QUERY, BacktestsQuestion)], refuses=[422])
def list_backtests(asked: dict[str, int]) -> dict[str, Any]:
    """Backtests of shops that you may see, newest first."""
    with hub().engine.connect() as connection:
        rows = backtests.list_backtests(connection, _shops(connection), **asked)
    return {"backtests": rows, "next": rows[-1].id if len(rows) == backtests.SIZE else 0}


@routes.get(BACKTEST, VIEW, BacktestOut, refuses=[404])
def show_backtest(backtest_id: int) -> Any:
    """How far a backtest is, and what it found so far."""
    return _find(backtest_id)


@routes.post(f"{BACKTEST}/stop", EDIT, BacktestOut, refuses=[404])
def stop_backtest(backtest_id: int) -> Any:
    """Stop a backtest; what it found stays."""
    _find(backtest_id)
    backtests.stop_backtest(hub(), backtest_id)
    return _find(backtest_id)


@routes.get(f"{BACKTEST}/changes", VIEW, BacktestChangePage, asks=[(QUERY, ChangesQuestion)], refuses=[404, 422])
def list_changes(asked: dict[str, Any], backtest_id: int) -> dict[str, Any]:
    """Orders that the version decides otherwise, or that cannot be compared."""
    _find(backtest_id)
    wanted = results.Wanted(asked["kind"], asked["person"], asked["rule"])
    with hub().engine.connect() as connection:
        rows = results.list_changes(connection, backtest_id, wanted, after=asked["after"])
    return {"changes": rows, "next": rows[-1].order_id if len(rows) == results.SIZE else 0}


@routes.get(f"{BACKTEST}/changes/<{LARGEST_ID}:order_id>", VIEW, BacktestExplainedOut, refuses=[404])
def explain_change(backtest_id: int, order_id: int) -> Any:
    """One of these orders with the explanation of both sides."""
    row = _find(backtest_id)
    with hub().engine.connect() as connection:
        return results.explain_change(hub(), connection, row, order_id)


@routes.get("/rule-agreement", VIEW, RuleAgreementOut, asks=[(QUERY, PeriodQuestion)], refuses=[422])
def show_agreement(asked: dict[str, int]) -> Any:
    """Rules of review that people wave through, and rules that let go what came back."""
    with hub().engine.connect() as connection:
        return agreement.agreement(connection, _shops(connection), *_period(asked))


@routes.get("/rule-coverage", VIEW, CoverageOut, asks=[(QUERY, PeriodQuestion)], refuses=[422])
def show_coverage(asked: dict[str, int]) -> dict[str, Any]:
    """Rules in force that never matched, and orders that no rule had a say about."""
    with hub().engine.connect() as connection:
        return {"sets": coverage.coverage(connection, _shops(connection), *_period(asked))}


def _shops(connection: Connection) -> list[int]:
    """Shops of which both rules and orders are the caller's to see."""
    orders = set(visible_shops(connection, ORDERS))
    return [id_ for id_ in visible_shops(connection, VIEW) if id_ in orders]


def _find(backtest_id: int) -> Any:
    with hub().engine.connect() as connection:
        return backtests.find_backtest(connection, backtest_id, _shops(connection))


def _require_order(order_id: int) -> bool:
    """Whether the caller sees its receiver in plain text; NotFound where they may not see the order at all."""
    with hub().engine.connect() as connection:
        found = load_order(connection, order_id)
    if found is None:
        raise NotFound("there is no such order")
    require_shop(VIEW, found.shop_id, "order")
    require_shop(ORDERS, found.shop_id, "order")
    return caller().allows(UNMASK, found.shop_id)


def _period(asked: dict[str, int]) -> tuple[datetime, datetime]:
    now = hub().clock()
    return now - timedelta(days=asked["days"]), now
