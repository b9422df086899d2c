"""A name, a phone and a street that come in are nowhere to be read again: not in the database, logs or errors."""

from __future__ import annotations

import io
from collections.abc import Iterator

import orjson
import pytest
import structlog

from connectors.contract.errors import Refused
from connectors.contract.records import RawDocument
from oms.app.kernel.receivers import open_receiver, unmask
from oms.config import Settings
from oms.logs import set_up_logs
from tests.app.shipping import ship_all
from tests.factories import START, World, a_document, a_line, an_order, raw, settle, take

NAME, PHONE, STREET, TITLE = "欧阳金丝雀", "13912345678", "金丝雀胡同 7 号", "金丝雀贸易有限公司"
MAIL = "canary@example.com"
CANARIES = (NAME, PHONE, STREET, MAIL, TITLE)
RECEIVER = {"name": NAME, "phone": PHONE, "state": "浙江省", "city": "杭州市", "district": "西湖区", "address": STREET,
            "email": MAIL}  # fmt: skip


def dump(world: World) -> str:
    """Every column of every row of every table, as text and with bytes as hexadecimal."""
    tables = world.rows(
        """select relname from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'"""
    )
    return "\n".join(str(row[0]) for (name,) in tables for row in world.rows(f"select t::text from {name} t"))


def found_in(text: str) -> list[str]:
    spelled = [(word, word.encode().hex(), orjson.dumps(word).decode().strip('"')) for word in CANARIES]
    escaped = [word.encode("unicode_escape").decode() for word in CANARIES]
    return [word for forms in spelled for word in forms if word in text] + [w for w in escaped if w in text]


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the hub's own settings of logging write."""
    written = io.StringIO()
    before = structlog.get_config()
    set_up_logs(Settings.from_env({}))
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(written))
    yield written
    structlog.configure(**before)


def go_through_everything(world: World) -> int:
    """Captured, changed, parked, refused, shipped: with canaries in every document."""
    id_ = an_order(world, no="T", receiver=RECEIVER, buyer_message=f"ring {PHONE}", seller_memo=f"for {NAME}")
    broken = a_document("BAD", receiver=RECEIVER, paid_total=1)
    take(world, raw(broken), RawDocument("order", "WORSE", f'{{"receiver": "{NAME}'.encode(), START))
    world.script.next("create", Refused("no"), ZeroDivisionError(f"{NAME} {PHONE}"))
    settle(world)
    world.clock.forward(100)
    settle(world)
    moved = a_document("T", [a_line()], at=90, receiver={**RECEIVER, "address": STREET + " 2"}, seller_memo=NAME)
    take(world, raw(moved, 90))
    settle(world)
    ship_all(world, id_)
    settle(world)
    assert world.phase(id_) == "shipped"
    return id_


def test_nothing_of_a_buyer_is_readable_in_the_database(world: World) -> None:
    go_through_everything(world)
    text = dump(world)
    assert "浙江" in text
    assert found_in(text) == []


def test_nothing_of_a_buyer_is_in_the_logs(world: World, logged: io.StringIO) -> None:
    go_through_everything(world)
    assert "ZeroDivisionError" in logged.getvalue()
    assert found_in(logged.getvalue()) == []


def test_nothing_of_a_buyer_is_in_an_error_of_the_database(world: World) -> None:
    world.run("alter table orders add constraint ck_test check (external_no <> 'T')")
    with pytest.raises(Exception, match="ck_test") as raised:
        take(world, raw(a_document("T", receiver=RECEIVER, seller_memo=NAME)))
    assert found_in(str(raised.value) + repr(raised.value)) == []


def test_records_of_receivers_are_shown_only_with_a_reason_that_is_kept(world: World) -> None:
    id_ = an_order(world, receiver=RECEIVER)
    with world.hub.begin() as connection:
        assert unmask(world.hub, connection, id_, "u1", "buyer asked us to call").phone == PHONE
    assert "receiver_unmasked" in world.events(id_)


def test_deleting_the_data_key_erases_the_buyer(world: World) -> None:
    id_ = an_order(world, receiver=RECEIVER)
    world.run("delete from data_key where id = :id", id=id_)
    with world.hub.engine.connect() as connection, pytest.raises(Exception, match="erased"):
        open_receiver(world.hub, connection, id_)
