"""One hub with a shop on each platform: its pumps, its streams, its door for pushes. Platforms are elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import orjson

from connectors.contract import notices as n
from connectors.sandbox.kit import Answer
from connectors.sandbox.kit.market import pushes as kit_pushes
from connectors.sandbox.traffic import catalogue
from connectors.sandbox.woocommerce import deliveries as woo_pushes
from oms.app.capture import completeness, references
from oms.app.capture.pushes import receive
from oms.app.capture.sync import pull_now, sync_next
from oms.app.kernel.connectors import seal_secrets
from oms.app.pipeline.inbox import work_batch
from oms.domain.numbers import document_no
from tests.factories import World, a_world, add_sku, drain, report, settle
from tests.journeys.stage import SEED
from tests.long.platforms import START, Platform, now

STOCK = 10**9
CASES_TOO = ("orders", "cases")
MOST_PULLS = 200
#: Places of ids that no other row of the world has.
FIRST_SHOP, FIRST_SKU = 10, 10_000
SAID = "https://hub.example.invalid/push?shop="


class OneHub:
    """The hub and the shops' ids by vendor."""

    def __init__(self, url: str) -> None:
        self.world: World = a_world(url, stock=STOCK)
        self.world.hub.clock = now
        self.shops: dict[str, int] = {}
        with self.world.hub.begin() as connection:
            codes = sorted({item["code"] for item in catalogue(SEED)})
            for place, code in enumerate(codes):
                add_sku(connection, code, STOCK, weight_g=400, id_=FIRST_SKU + place)

    def add(self, platform: Platform) -> None:
        """A shop of this platform, whose streams are pulled when a test says so."""
        id_, vendor = FIRST_SHOP + len(self.shops), platform.vendor
        self.shops[vendor] = id_
        self.world.hub.vendors[vendor] = platform.wired()
        values = {"id": id_, "vendor": vendor, "code": f"c{id_}", "gateway": platform.account.gateway, "at": START,
                  "settings": orjson.dumps(dict(platform.account.settings)).decode()}  # fmt: skip
        for statement in SHOP_ROWS:
            self.world.run(statement, **values)
        with self.world.hub.begin() as connection:
            seal_secrets(self.world.hub, connection, id_, dict(platform.account.secrets))
        streams = [stream for stream in CASES_TOO if f"pull_{stream}" in platform.able]
        for stream in streams:
            self.world.run(STREAM_ROW, id=id_, stream=stream, at=START)
            self.world.run(SCHEDULE_ROW, id=id_, stream=stream)

    def begin_at(self, platform: Platform, since: datetime) -> None:
        """What a stream that begins anew asks for starts here."""
        self.world.run("delete from pending_reference")
        self.world.run(
            "update account set settings = jsonb_set(settings, '{since}', to_jsonb(cast(:since as text))) where id = :id",
            id=self.shops[platform.vendor], since=since.isoformat(),
        )  # fmt: skip

    def pull(self, platform: Platform, stream: str, *, anew: bool = False) -> None:
        """Pull a stream until it has no more; from its beginning when it is to be read anew."""
        id_ = self.shops[platform.vendor]
        if not self.world.rows("select 1 from stream_cursor where shop_id = :id and stream = :s", id=id_, s=stream):
            return
        if anew:
            self.world.run("update stream_cursor set cursor = '' where shop_id = :id and stream = :s", id=id_, s=stream)
        self.world.run(ONLY_THIS, id=id_, stream=stream)
        pull_now(self.world.hub, id_, stream)
        for _ in range(MOST_PULLS):
            if not sync_next(self.world.hub):
                return
        raise AssertionError(f"{stream} of {platform.vendor} do not end in {MOST_PULLS} turns")

    def read(self) -> None:
        """Work on pushes and read what is to be read anew, whenever it is due."""
        for _ in range(4):
            worked = drain(work_batch, self.world)
            self.world.run("update pending_reference set due_at = :at where due_at > :at", at=now())
            if not worked + drain(references.fetch_details, self.world):
                return

    def settle(self) -> None:
        """Every pump of the pipeline, until nothing is due."""
        settle(self.world)

    def ship(self, number: str) -> None:
        """The warehouse sends what it has of an order."""
        for work in self.world.rows(AT_WAREHOUSE, no=number):
            items = self.world.rows(TO_SEND, id=work.id)
            waybill = f"YT{work.id}"
            parcel = n.ParcelReport("ZTO", waybill, tuple(n.ParcelItem(code, units) for code, units in items))
            shipped = n.WarehouseState.SHIPPED
            told = n.ShipmentReport(document_no("fulfilment", work.id), waybill, shipped, True, now(), (parcel,), ())
            report(self.world, told)

    def certify(self, platform: Platform, since: datetime) -> None:
        """Compare with the platform's other list, and read anew what differs."""
        hub = self.world.hub
        if not platform.able & {"list_created", "count_orders"}:
            return
        check = completeness.ask_check(hub, self.shops[platform.vendor], since, now(), "proof")
        drain(completeness.check_next, self.world)
        completeness.pull_missing(hub, check)

    def troubles(self, platform: Platform, numbers: list[str]) -> list[str]:
        """What a person would find waiting of these orders and the shop: failed pulls, parked records, a pause."""
        rows = self.world.rows(TROUBLES, id=self.shops[platform.vendor], numbers=numbers)
        return [" ".join(map(str, row)) for row in rows]


def receiver_of(hub: OneHub, vendor: str) -> Callable[..., Answer]:
    """The door at which the hub takes what a twin posts."""

    def post(url: str, body: bytes, content_type: str = "application/json", timeout: float = 10.0,
             headers: Mapping[str, str] | None = None) -> Answer:  # fmt: skip
        parts = urlsplit(url)
        told = {"Content-Type": content_type, **(headers or {})}
        push = n.PushRequest("POST", parts.path, dict(parse_qsl(parts.query)), told, body, now())
        answer = receive(hub.world.hub, "marketplace", vendor, f"t-{vendor}", push)
        return Answer(answer.status, answer.body)

    return post


@contextmanager
def door_open(hub: OneHub, vendor: str) -> Iterator[None]:
    """What this vendor's twin posts is taken by the hub, and nothing by the network."""
    post = receiver_of(hub, vendor)
    with mock.patch.object(kit_pushes, "post", post), mock.patch.object(woo_pushes, "post", post):
        yield


SHOP_ROWS: tuple[str, ...] = (
    """insert into channel (id, code, vendor, label_zh, label_en, mark, platform_code)
       values (:id, :code, :vendor, :vendor, :vendor, 'x', 'OTHER')""",
    """insert into account (id, family, vendor, name, push_token, gateway, settings)
       values (:id, 'marketplace', :vendor, :vendor, 't-' || :vendor, :gateway, cast(:settings as jsonb))""",
    """insert into shop (id, code, name, channel_id, account_id, stock_pool_id, merge_window_s)
       values (:id, :code, :vendor, :id, :id, 1, 0)""",
)
STREAM_ROW = "insert into stream_cursor (shop_id, stream, last_started_at) values (:id, :stream, :at)"
SCHEDULE_ROW = """insert into sync_schedule (shop_id, stream, every_s) values (:id, :stream, 60)
    on conflict (shop_id, stream) do nothing"""
#: Only the pull that is asked for happens.
ONLY_THIS = "update sync_schedule set is_enabled = (shop_id = :id and stream = :stream)"
AT_WAREHOUSE = """select distinct f.id from fulfilment f join fulfilment_line l on l.fulfilment_id = f.id
    join orders o on o.id = l.order_id
    where o.external_no = :no and f.status in ('sent', 'accepted', 'part_shipped') order by f.id"""
TO_SEND = """select k.code, sum(l.planned - l.shipped - l.short - l.cancelled)::int from fulfilment_line l
    join sku k on k.id = l.sku_id where l.fulfilment_id = :id group by 1
    having sum(l.planned - l.shipped - l.short - l.cancelled) > 0 order by 1"""
TROUBLES = """select 'stream', stream, last_error from stream_cursor where shop_id = :id and failures > 0
    union all select 'parked', external_no, reason from parked_record where shop_id = :id and state = 'parked'
    union all select 'waiting', external_no, last_error from pending_reference
      where shop_id = :id and (kind = 'case' or external_no = any(:numbers))
    union all select 'message', topic, error from push_message where account_id = :id and state <> 'done'
    union all select 'account', state, paused_reason from account where id = :id and state <> 'active'"""
