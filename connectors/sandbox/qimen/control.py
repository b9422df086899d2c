"""The scenario's levers under /_twin/: stalls, advancing, shares, stock, returns, falsification."""

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Route, json_answer
from connectors.sandbox.qimen import floor, ledger, movements, returns, stockroom
from connectors.sandbox.qimen.lifecycle import STAGES
from connectors.sandbox.qimen.site import Refused, Site

Lever = Callable[..., object]


def control_routes(site: Callable[[], Site]) -> Iterable[Route]:
    """The levers of the site that is there when they are pulled.

    Each takes and answers JSON; what it refuses is answered 409 with the reason, a wrong body 400.
    """
    yield Route("/_twin/stall", _lever(lambda wish: stall(site(), wish)))
    yield Route("/_twin/release", _lever(lambda wish: release(site(), wish)))
    yield Route("/_twin/orders/<code>/advance", _lever(lambda wish, code: _advance(site(), wish, code)))
    yield Route("/_twin/share", _lever(lambda wish: _change_shares(site(), wish)))
    yield Route("/_twin/callback", _lever(lambda wish: site().storage.remember("callback_url", wish["url"])))
    yield Route("/_twin/stock", _lever(lambda wish: stockroom.adjust(site(), wish)))
    yield Route("/_twin/count", _lever(lambda wish: stockroom.count(site(), wish)))
    yield Route("/_twin/returns/<code>/receive", _lever(lambda wish, code: _receive(site(), wish, code)))
    yield Route("/_twin/movements/<code>", _lever(lambda wish, code: _move(site(), wish, code)))
    yield Route("/_twin/tamper", _lever(lambda wish: _tamper(site(), wish)))


def stall(site: Site, wish: dict[str, Any]) -> object:
    """Make matching orders, also future ones, stop before they leave a stage."""
    kind, value = _target(wish)
    if wish["stage"] not in STAGES:
        raise ValueError(f"stage must be one of {', '.join(STAGES)}")
    site.storage.execute("insert into stall (kind, value, stage) values (?, ?, ?)", (kind, value, wish["stage"]))
    return {"matching": _matching(site, kind, value)}


def release(site: Site, wish: dict[str, Any]) -> object:
    """Take stalls back, all stages of the target or the named one, and let the orders go on."""
    kind, value = _target(wish)
    with site.storage.write():
        site.storage.execute(
            "delete from stall where kind = ? and value = ? and ? in ('', stage)",
            (kind, value, wish.get("stage", "")),
        )
        codes = _matching(site, kind, value)
        for code in codes:
            floor.resume(site, code)
    return {"matching": codes}


def _target(wish: dict[str, Any]) -> tuple[str, str]:
    for kind in ("source_order", "order"):
        if wish.get(kind):
            return kind, str(wish[kind])
    raise ValueError('name the target: {"source_order": platform order} or {"order": delivery order code}')


def _matching(site: Site, kind: str, value: str) -> list[str]:
    column = "source_order" if kind == "source_order" else "delivery"
    rows = site.storage.rows(f"select distinct delivery from line where {column} = ?", (value,))
    return [row["delivery"] for row in rows]


def _advance(site: Site, wish: dict[str, Any], code: str) -> object:
    row = floor.advance(site, code, wish.get("to"))
    return {"stage": row["stage"], "status": row["status"]}


def _change_shares(site: Site, wish: dict[str, Any]) -> object:
    site.change_shares(wish)
    return {"shares": dict(site.shares())}


def _receive(site: Site, wish: dict[str, Any], code: str) -> None:
    returns.receive(site, code, wish["lines"])


def _move(site: Site, wish: dict[str, Any], code: str) -> None:
    movements.move(site, code, wish["lines"], final=bool(wish.get("final")), sends=int(wish.get("sends", 1)))


def _tamper(site: Site, wish: dict[str, Any]) -> object:
    if "remove_shipment" in wish:
        ledger.remove_shipment(site, wish["remove_shipment"])
        return {}
    if "double_shipment" in wish:
        return {"express_code": ledger.double_shipment(site, wish["double_shipment"])}
    raise ValueError("say what to falsify: remove_shipment or double_shipment, with an order code")


def _lever(work: Lever) -> Callable[..., Response]:
    def endpoint(request: Request, **names: str) -> Response:
        wish = request.get_json(silent=True) or {}
        try:
            return json_answer({"ok": True, **(_as_fields(work(wish, **names)))})
        except Refused as refusal:
            return json_answer({"ok": False, "error": refusal.message}, 409)
        except (ValueError, KeyError, TypeError) as error:
            return json_answer({"ok": False, "error": str(error)}, 400)

    return endpoint


def _as_fields(answer: object) -> dict[str, Any]:
    return answer if isinstance(answer, dict) else {}
