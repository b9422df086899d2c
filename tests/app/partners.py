"""Partners, their prices and orders for the tests of settling."""

from __future__ import annotations

from typing import Any

from tests.factories import World

STANDS = "2026-11-01T00:00:00+00:00"


def a_partner(world: World, code: str = "DX", **changes: Any) -> int:
    """A distributor in force; answers its id."""
    values = {"code": code, "name": f"{code} 公司", "kind": "distributor", **changes}
    names = ", ".join(values)
    world.run(f"insert into partner ({names}) values ({', '.join(f':{name}' for name in values)})", **values)
    return int(world.one("select id from partner where code = :code", code=code))


def of_shop(world: World, partner: int, shop: int = 1) -> None:
    """All orders of a shop are the partner's."""
    world.run("insert into partner_shop values (:shop, :partner)", shop=shop, partner=partner)
    world.run("update shop set owner = p.kind from partner p where shop.id = :shop and p.id = :id", shop=shop, id=partner)


def a_price(world: World, partner: int, code: str = "", amount: int = 0, **changes: Any) -> None:
    """A settlement price of a SKU or bundle, of everything without a code."""
    goods = {"sku_id": world.skus.get(code, 0), "bundle_id": 900 if code == "SET" else 0}
    values = {"partner_id": partner, **goods, "valid_from": STANDS, "amount": amount, **changes}
    names = ", ".join(values)
    world.run(f"insert into settlement_price ({names}) values ({', '.join(f':{name}' for name in values)})", **values)


def amounts(world: World, order: int) -> dict[str, int | None]:
    """Line number → settlement amount."""
    rows = world.rows("select external_no, settlement_amount from order_line where order_id = :id", id=order)
    return {row[0]: row[1] for row in rows}


def said(code: str = "DX", **lines: int) -> dict[str, Any]:
    """What a document says of the partner; amounts by line number with an n before it."""
    return {"code": code, "reference": f"R-{code}", "amounts": {no.removeprefix("n"): n for no, n in lines.items()}}
