"""Rows and documents for the tests of the application: a small world with goods in stock, orders of a plain market."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, text

from connectors.contract.families import Connector
from connectors.contract.records import RawDocument
from connectors.marketplaces.taobao import CONNECTOR as TAOBAO
from oms.app.capture.intake import Taken, take_in
from oms.app.kernel.hub import Hub
from oms.app.pipeline.advance import advance_batch
from oms.app.pipeline.inbox import apply_report
from oms.app.pipeline.merging.pump import merge_batch
from oms.app.pipeline.outbound.outbox import send_batch
from oms.db.sealed import KeyRing
from oms.db.session import make_engine
from tests.fakes import Script, vendors

START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
KEYS = {"k1": bytes(range(32)), "k2": bytes(range(32, 64))}
RECEIVER = {"name": "周明", "phone": "13800000001", "state": "浙江省", "city": "杭州市", "district": "西湖区",
            "address": "文三路 1 号"}  # fmt: skip


class Clock:
    """A clock that stands still until it is put forward."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        """Put it forward."""
        self.now += timedelta(seconds=seconds)


@dataclass(repr=False)
class World:
    """A hub with the ids of what it knows."""

    hub: Hub
    clock: Clock
    script: Script
    shop: int = 1
    points: tuple[int, ...] = (1, 2)
    carriers: dict[str, int] = field(default_factory=dict)
    skus: dict[str, int] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """What a question to the database answers."""
        with self.hub.engine.connect() as connection:
            return list(connection.execute(text(statement), values))

    def one(self, statement: str, **values: Any) -> Any:
        """The one value of a question to the database."""
        rows = self.rows(statement, **values)
        assert len(rows) == 1, rows
        return rows[0][0]

    def run(self, statement: str, **values: Any) -> None:
        """Change rows by hand."""
        with self.hub.begin() as connection:
            connection.execute(text(statement), values)
        self.hub.masters.forget()

    def phase(self, order_id: int) -> str:
        """The phase that people see."""
        return str(self.one("select phase from orders where id = :id", id=order_id))

    def holds(self, order_id: int) -> set[str]:
        """Kinds of open holds."""
        rows = self.rows("select kind from hold where order_id = :id and cleared_at is null", id=order_id)
        return {row[0] for row in rows}

    def fulfilments(self, order_id: int) -> list[Any]:
        """The order's fulfilments, oldest first."""
        return self.rows(
            """select f.* from fulfilment f where f.id in
               (select fulfilment_id from fulfilment_line where order_id = :id) order by f.id""",
            id=order_id,
        )

    def events(self, order_id: int) -> list[str]:
        """Kinds of the order's events, oldest first."""
        return [row[0] for row in self.rows("select kind from event where order_id = :id order by at, id", id=order_id)]


def a_world(url: str, *, stock: int = 100, window: int = 0, engine: Engine | None = None, **shop: Any) -> World:
    """A hub on a migrated, empty database: one shop, two stock points, three carriers, five SKUs in stock."""
    clock, script = Clock(), Script()
    engine = engine or make_engine(url, name="app tests", pool_size=8)
    classes: dict[str, type[Connector]] = {**vendors(script), "taobao": TAOBAO}
    world = World(Hub(engine, KeyRing("k1", KEYS), classes, clock=clock), clock, script)
    world.carriers = {code: id_ for id_, code in enumerate(("ZTO", "YTO", "SF"), 1)}
    world.skus = {code: id_ for id_, code in enumerate("ABCDE", 100)}
    with world.hub.begin() as connection:
        connection.exec_driver_sql(SMALL_WORLD)  # Without values to bind, all statements go at once.
        _shop(connection, window, shop)
        connection.execute(text(GOODS), {"stock": stock, "at": START})
    return world


SMALL_WORLD = """
insert into channel (id, code, vendor, label_zh, label_en, mark, platform_code) values
  (1, 'plain', 'plain', '平常', 'Plain', '平', 'OTHER'), (2, 'taobao', 'taobao', '淘宝', 'Taobao', '淘', 'TB');
insert into account (id, family, vendor, name, push_token) values
  (1, 'marketplace', 'plain', 'market', 'tm'), (2, 'warehouse', 'plainwms', 'warehouse', 'tw'),
  (3, 'carrier', 'plaintrack', 'track', 'tt');
insert into stock_pool (id, code, name) values (1, 'main', 'main');
insert into stock_point (id, code, name, account_id, warehouse_code, owner_code, handling_amount) values
  (1, 'WH1', 'east', 2, 'WH1', 'OWNER', 100), (2, 'WH2', 'west', 2, 'WH2', 'OWNER', 100);
insert into pool_member (pool_id, stock_point_id, rank) values (1, 1, 1), (1, 2, 2);
insert into carrier (id, code, name, rank, tracking_account_id) values
  (1, 'ZTO', 'ZTO', 1, 3), (2, 'YTO', 'YTO', 2, 3), (3, 'SF', 'SF', 3, 3);
insert into carrier_tariff (carrier_id, first_amount, step_amount) values (1, 500, 200), (2, 600, 200), (3, 1800, 200);
insert into sku (id, code, name, weight_g) select 99 + n, chr(64 + n), chr(64 + n), 400 from generate_series(1, 5) n;
insert into bundle (id, code, name) values (900, 'SET', 'set');  -- One A and two B; A weighs a third of the money.
insert into bundle_part (bundle_id, sku_id, units, weight) values (900, 100, 1, 100), (900, 101, 2, 100);
"""
#: Stock of every SKU at both points, in the levels and in the ledger.
GOODS = """with level as (
  insert into stock_level (stock_point_id, sku_id, on_hand)
  select point, sku.id, :stock from sku, unnest(array[1, 2]) point order by sku.id, point returning *)
insert into stock_movement (month, stock_point_id, sku_id, id, on_hand, reason, at)
select '2026-11-01', stock_point_id, sku_id, nextval('id_seq'), on_hand, 'count', :at from level"""


def _shop(connection: Connection, window: int, changes: dict[str, Any]) -> None:
    values = {"id": 1, "code": "s1", "name": "店", "channel_id": 1, "account_id": 1, "stock_pool_id": 1,
              "merge_window_s": window, **changes}  # fmt: skip
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(text(f"insert into shop ({names}) values ({marks})"), values)


def add_sku(connection: Connection, code: str, stock: int, *, weight_g: int, id_: int) -> int:
    """A SKU with this stock at both points, in the levels and in the ledger."""
    connection.execute(
        text("insert into sku (id, code, name, weight_g) values (:id, :code, :code, :weight)"),
        {"id": id_, "code": code, "weight": weight_g},
    )
    for point in (1, 2):
        receive_stock(connection, point, id_, stock)
    return id_


def receive_stock(connection: Connection, point: int, sku: int, units: int, at: datetime = START) -> None:
    """Goods arrive at a point: the level and its movement."""
    connection.execute(
        text("""insert into stock_level (stock_point_id, sku_id, on_hand) values (:point, :sku, :units)
                on conflict (stock_point_id, sku_id, kind) do update
                  set on_hand = stock_level.on_hand + excluded.on_hand"""),
        {"point": point, "sku": sku, "units": units},
    )
    connection.execute(
        text("""insert into stock_movement (month, stock_point_id, sku_id, id, on_hand, reason, at)
                values (:month, :point, :sku, nextval('id_seq'), :units, 'count', :at)"""),
        {"month": date(2026, 11, 1), "point": point, "sku": sku, "units": units, "at": at},
    )


def review_all(world: World, tier: str, **condition: Any) -> None:
    """Orders go to this tier, all or those that meet a condition."""
    when = condition or {"fact": "order.lines", "op": "gt", "value": 0}
    body = {"format": 1, "stage": "review", "rules": [
        {"id": tier, "name": tier, "when": when, "actions": [{"action": "send_to_tier", "params": {"tier": tier}}]}
    ]}  # fmt: skip
    world.run("insert into rule_set (id, stage, name) values (1, 'review', 'r') on conflict do nothing")
    world.run(
        """insert into rule_set_version (rule_set_id, body, state) values (1, cast(:body as jsonb), 'active')""",
        body=orjson.dumps(body).decode(),
    )


def a_line(no: str = "1", code: str = "A", units: int = 1, paid: int = 1000, **changes: Any) -> dict[str, Any]:
    """A line of a plain document; what was not paid was the merchant's discount."""
    listed = changes.pop("list_amount", paid)
    return {"external_no": no, "listing_no": f"L{code}", "variant_no": "", "seller_code": code, "title": f"goods {code}",
            "units": units, "list_amount": listed, "paid_amount": paid, "discount_merchant": listed - paid,
            **changes}  # fmt: skip


def a_document(no: str, lines: list[dict[str, Any]] | None = None, *, at: int = 0, **changes: Any) -> dict[str, Any]:
    """A plain order document changed `at` seconds after the start."""
    lines = lines if lines is not None else [a_line()]
    total = sum(line["paid_amount"] for line in lines)
    stamp = (START + timedelta(seconds=at)).isoformat()
    paid_at = None if changes.get("state") == "unpaid" or changes.get("is_cod") else START.isoformat()
    document = {
        "external_no": no, "state": "open", "platform_status": "WAIT", "created_at": START.isoformat(),
        "changed_at": stamp, "currency": "CNY", "paid_total": total, "buyer": {"external_id": f"b-{no}", "nick": "买**"},
        "receiver": RECEIVER, "lines": lines, "paid_at": paid_at,
        "payments": [{"kind": "cod" if changes.get("is_cod") else "online", "amount": total, "paid_at": paid_at}],
    }  # fmt: skip
    return document | changes


def raw(document: dict[str, Any], fetched: int = 0) -> RawDocument:
    """A document as it came, fetched so many seconds after the start."""
    body = orjson.dumps(document)
    return RawDocument("order", str(document.get("external_no", "?")), body, START + timedelta(seconds=fetched))


def take(world: World, *documents: RawDocument, shop: int = 1) -> Taken:
    """Take documents in."""
    with world.hub.begin() as connection:
        card = world.hub.masters.get(connection, world.clock()).shops[shop]
        return take_in(world.hub, connection, card, documents)


def an_order(world: World, lines: list[dict[str, Any]] | None = None, **changes: Any) -> int:
    """An order taken in; answers its id."""
    no = changes.pop("no", None) or f"T{next(world.numbers)}"
    taken = take(world, raw(a_document(no, lines, **changes)))
    assert taken.new == 1, taken
    return order_id(world, no)


def order_id(world: World, no: str) -> int:
    """The id of an order by the platform's number."""
    return int(world.one("select id from orders where external_no = :no", no=no))


def drain(step: Callable[[Hub], int], world: World, most: int = 50) -> int:
    """Run a pump until it has nothing to do."""
    total = 0
    for _ in range(most):
        count = step(world.hub)
        if not count:
            return total
        total += count
    raise AssertionError(f"{step.__name__} does not come to rest")


def advance(world: World) -> int:
    """Walk all ready orders as far as they go."""
    return drain(advance_batch, world)


def settle(world: World, rounds: int = 20) -> None:
    """Run every pump until nothing is due at this moment."""
    for _ in range(rounds):
        if not advance(world) + drain(merge_batch, world) + drain(send_batch, world):
            return
    raise AssertionError("the pumps keep each other busy")


def report(world: World, told: Any) -> None:
    """A warehouse or carrier reports something."""
    with world.hub.begin() as connection:
        apply_report(world.hub, connection, 0, told)
