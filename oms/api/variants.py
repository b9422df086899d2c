"""Variants of sourcing through the API, and trials of them over open or past orders; nothing of orders changes."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from oms.api.access import caller, hub, visible_shops
from oms.api.blueprints import BODY, QUERY, Routes
from oms.api.sourcing_access import LARGEST_ID, TRY, VIEW
from oms.api.variants_schemas import (
    TrialChangePage,
    TrialChangesQuestion,
    TrialIn,
    TrialOut,
    TrialPage,
    TrialsQuestion,
    VariantIn,
    VariantList,
    VariantOut,
    changes_of,
)
from oms.app.pipeline.variants import asking
from oms.app.rulebook.trying.personal import UNMASK
from oms.domain.errors import NotFound

routes = Routes("variants", "What if: variants of sourcing tried over open or past orders")
VARIANT: Final = f"/routing-variants/<{LARGEST_ID}:variant_id>"
TRIAL: Final = f"/variant-trials/<{LARGEST_ID}:trial_id>"


@routes.get("/routing-variants", VIEW, VariantList)
def list_variants() -> dict[str, Any]:
    """All variants."""
    with hub().engine.connect() as connection:
        return {"variants": asking.list_variants(connection)}


@routes.post("/routing-variants", TRY, VariantOut, asks=[(BODY, VariantIn)], refuses=[422], status=201)
def add_variant(asked: dict[str, Any]) -> Any:
    """Keep a variant under a name."""
    return _variant(asking.add_variant(hub(), asked["name"], changes_of(asked["changes"]), caller().actor))


@routes.get(VARIANT, VIEW, VariantOut, refuses=[404])
def show_variant(variant_id: int) -> Any:
    """One variant."""
    return _variant(variant_id)


@routes.put(VARIANT, TRY, VariantOut, asks=[(BODY, VariantIn)], refuses=[404, 422])
def change_variant(asked: dict[str, Any], variant_id: int) -> Any:
    """Change a variant; trials that were asked for keep what it said then."""
    asking.change_variant(hub(), variant_id, asked["name"], changes_of(asked["changes"]))
    return _variant(variant_id)


@routes.delete(VARIANT, TRY, refuses=[404])
def drop_variant(variant_id: int) -> None:
    """Forget a variant; its trials stay."""
    asking.drop_variant(hub(), variant_id)


@routes.post("/variant-trials", TRY, TrialOut, asks=[(BODY, TrialIn)], refuses=[404, 422], status=201)
def ask_trial(asked: dict[str, Any]) -> Any:
    """Have variants tried beside what is in force; read on at the trial."""
    with hub().engine.connect() as connection:
        mine = _shops(connection)
    chosen = mine if asked["shop_ids"] is None else asked["shop_ids"]
    if not set(chosen) <= set(mine):
        raise NotFound("there is no such shop")
    sees_plain = all(caller().allows(UNMASK, shop_id) for shop_id in chosen)
    return _trial(
        asking.ask_trial(
            hub(), asked["variant_ids"], chosen, caller().actor, since=asked["since"], until=asked["until"],
            sees_plain=sees_plain,
        )
    )  # fmt: skip


@routes.get("/variant-trials", VIEW, TrialPage, asks=[(QUERY, TrialsQuestion)], refuses=[422])
def list_trials(asked: dict[str, int]) -> dict[str, Any]:
    """Trials of shops that you may see, newest first."""
    with hub().engine.connect() as connection:
        rows = asking.list_trials(connection, _shops(connection), **asked)
    return {"trials": rows, "next": rows[-1].id if len(rows) == asking.SIZE else 0}


@routes.get(TRIAL, VIEW, TrialOut, refuses=[404])
def show_trial(trial_id: int) -> Any:
    """How far a trial is, and what came out."""
    return _trial(trial_id)


@routes.post(f"{TRIAL}/stop", TRY, TrialOut, refuses=[404])
def stop_trial(trial_id: int) -> Any:
    """Stop a trial; nothing of it is kept."""
    _trial(trial_id)
    asking.stop_trial(hub(), trial_id)
    return _trial(trial_id)


@routes.get(f"{TRIAL}/changes", VIEW, TrialChangePage, asks=[(QUERY, TrialChangesQuestion)], refuses=[404, 422])
def list_changes(asked: dict[str, int], trial_id: int) -> dict[str, Any]:
    """Orders that a variant changes, with both ways; the first two thousand of each are kept."""
    _trial(trial_id)
    with hub().engine.connect() as connection:
        after = (asked["side"], asked["after"])
        rows = asking.list_changes(connection, trial_id, side=asked["side"], after=after)
    return {"changes": rows, "next": rows[-1].order_id if len(rows) == asking.SIZE else 0}


def _shops(connection: Connection) -> list[int]:
    """Shops of which both rules and orders are the caller's to see."""
    orders = set(visible_shops(connection, "order.view"))
    return [id_ for id_ in visible_shops(connection, VIEW) if id_ in orders]


def _variant(variant_id: int) -> Any:
    with hub().engine.connect() as connection:
        return asking.find_variant(connection, variant_id)


def _trial(trial_id: int) -> Any:
    with hub().engine.connect() as connection:
        return asking.find_trial(connection, trial_id, _shops(connection))
