"""A person decides a case: once for each state of it, told to the platform, and back with people when it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
import pytest

from connectors.contract import notices as n
from connectors.contract.errors import OutcomeUnknown, Refused, Retryable
from connectors.contract.families import Connector
from connectors.contract.records import RawDocument
from oms.app.aftersales.deciding import decide_case, goods_received
from oms.app.capture.cases import take_cases
from oms.app.capture.intake import parser_of
from oms.app.pipeline.outbound.outbox import send_batch
from oms.app.pipeline.outbound.voiding import void_rows
from oms.domain.errors import Invalid, NotFound, NotPossible, Stale
from tests.factories import START, World, an_order, drain

BUYER = "买家不想要了 138-0000-1111"


def a_case(no: str = "C1", order_no: str = "T1", *, at: int = 5, **changes: Any) -> RawDocument:
    stamp = (START + timedelta(seconds=at)).isoformat()
    body = {
        "external_no": no, "order_no": order_no, "line_no": "1", "kind": "refund", "state": "asked",
        "platform_status": "asked", "currency": "CNY", "amount": 1000, "created_at": START.isoformat(),
        "changed_at": stamp, "words": BUYER, "version": f"v{at}", "evidence": ["https://pictures.example/1.jpg"],
        "allows": ["agree", "refuse"], **changes,
    }  # fmt: skip
    return RawDocument("case", no, orjson.dumps(body), START, START)


def take(world: World, document: RawDocument) -> int:
    card = world.hub.masters.get(world.hub.engine, world.clock()).shops[1]
    with world.hub.begin() as connection:
        take_cases(world.hub, connection, card, parser_of(world.hub, card), [document])
    return int(world.one("select id from cases where external_no = :no", no=document.external_no))


@pytest.fixture
def deciding(world: World) -> World:
    """A world whose market takes decisions."""
    plain: type[Any] = world.hub.vendors["plain"]
    script = world.script

    class Deciding(plain):  # type: ignore[misc]
        def decide_case(self, case_no: str, agree: bool, words: str, facts: Mapping[str, str]) -> n.Receipt:
            return script.play("decide", (case_no, agree, words, dict(facts)), n.Receipt(case_no))  # type: ignore[no-any-return]

        def goods_received(self, case_no: str, facts: Mapping[str, str]) -> n.Receipt:
            return script.play("received", (case_no, dict(facts)), n.Receipt(case_no))  # type: ignore[no-any-return]

        def get_case(self, external_no: str) -> RawDocument:
            return script.play("get_case", external_no, a_case(external_no))  # type: ignore[no-any-return]

    made: type[Connector] = Deciding
    world.hub.vendors["plain"] = made
    an_order(world, no="T1")
    return world


def decided(world: World, case_id: int, agree: bool = True, **changes: Any) -> None:
    decide_case(world.hub, case_id, agree, "好的", {"address_no": "9", "state": "mine"}, "user:7", **changes)


def row(world: World) -> tuple[str, int]:
    found = world.rows("select review, version from cases where external_no = 'C1'")[0]
    return found[0], found[1]


def sent(world: World) -> list[str]:
    drain(send_batch, world)
    return [state for (state,) in world.rows("select state from outbound where kind = 'decide_case' order by id")]


def steps(world: World) -> list[tuple[str, str, str]]:
    found = world.rows("select actor_kind, action, words from case_step order by at, id")
    return [(kind, action, words) for kind, action, words in found]


def test_a_case_keeps_what_its_platform_allows_and_what_the_buyer_shows(deciding: World) -> None:
    take(deciding, a_case())
    evidence = deciding.one("select evidence from case_step")
    assert evidence["allows"] == ["agree", "refuse"]
    assert evidence["urls"] == ["https://pictures.example/1.jpg"]
    assert evidence["lines"] == [["1", 0, 1000]]
    assert steps(deciding) == [("buyer", "asked", "买家不想要了 ***")]


def test_an_agreed_case_is_told_and_read_anew(deciding: World) -> None:
    case_id = take(deciding, a_case())
    order_id, fed = deciding.one("select order_id from cases"), deciding.one("select count(*) from change_feed")
    decided(deciding, case_id)
    assert row(deciding) == ("agreed", 2)
    assert "case_agree" in deciding.events(order_id)
    assert deciding.one("select count(*) from change_feed") > fed
    deciding.run("delete from pending_reference")
    assert sent(deciding) == ["done"]
    ((case_no, agree, words, facts),) = deciding.script.asked("decide")
    assert (case_no, agree, words) == ("C1", True, "好的")
    assert facts == {"address_no": "9", "kind": "refund", "state": "asked", "version": "v5", "phase": "",
                     "amount": "1000", "order_no": "T1"}  # fmt: skip
    assert deciding.rows("select kind, external_no from pending_reference where kind = 'case'") == [("case", "C1")]
    assert "case_told" in deciding.events(order_id)


def test_a_case_is_decided_once_until_its_platform_tells_something_new(deciding: World) -> None:
    case_id = take(deciding, a_case())
    decided(deciding, case_id)
    with pytest.raises(NotPossible, match="on its way"):
        decided(deciding, case_id, False)
    assert sent(deciding) == ["done"]
    with pytest.raises(NotPossible, match="decided already"):
        decided(deciding, case_id)
    take(deciding, a_case(at=9))
    decided(deciding, case_id, False)
    assert sent(deciding) == ["done", "done"]
    assert [asked[1] for asked in deciding.script.asked("decide")] == [True, False]


def test_a_refusal_of_the_platform_brings_the_case_back_with_its_words(deciding: World) -> None:
    case_id = take(deciding, a_case())
    deciding.script.next("decide", Refused("金额超限", code="9"))
    decided(deciding, case_id)
    assert sent(deciding) == ["refused"]
    assert row(deciding) == ("waiting", 3)
    assert ("platform", "agree_refused", "金额超限") in steps(deciding)
    assert "case_decision_refused" in deciding.events(deciding.one("select order_id from cases"))
    decided(deciding, case_id, False)
    assert sent(deciding) == ["void", "done"]
    assert row(deciding) == ("refused", 4)


def test_a_lost_answer_is_looked_up_before_it_is_told_again(deciding: World) -> None:
    case_id = take(deciding, a_case())
    deciding.script.next("decide", OutcomeUnknown("no answer"))
    decided(deciding, case_id)
    assert sent(deciding) == ["unknown"]
    deciding.script.next("get_case", Retryable("busy"), a_case(), a_case(at=8, state="succeeded", allows=[]))
    deciding.script.next("decide", OutcomeUnknown("no answer"))
    for _ in range(3):
        deciding.clock.forward(700)
        state = sent(deciding)
    assert state == ["done"]
    assert len(deciding.script.asked("decide")) == 2
    assert len(deciding.script.asked("get_case")) == 3


def test_what_was_decided_about_an_older_state_is_not_told(deciding: World) -> None:
    case_id = take(deciding, a_case())
    decided(deciding, case_id)
    take(deciding, a_case(at=9, amount=2000))
    assert sent(deciding) == ["void"]
    assert deciding.script.asked("decide") == []
    assert row(deciding)[0] == "waiting"
    decided(deciding, case_id)
    assert sent(deciding) == ["void", "done"]


def test_a_decision_given_up_by_hand_is_open_again(deciding: World) -> None:
    case_id = take(deciding, a_case())
    decided(deciding, case_id)
    outbound = deciding.one("select id from outbound where kind = 'decide_case'")
    assert void_rows(deciding.hub, [outbound], "user:7", "买家来电") == 1
    assert row(deciding) == ("waiting", 3)
    assert sent(deciding) == ["void"]


def test_goods_that_are_back_are_told(deciding: World) -> None:
    case_id = take(deciding, a_case(kind="return", state="returned", allows=["goods_received"]))
    with pytest.raises(NotPossible, match="does not allow"):
        decided(deciding, case_id)
    goods_received(deciding.hub, case_id, {"waybill_no": "YT1"}, "user:7")
    assert sent(deciding) == ["done"]
    ((case_no, facts),) = deciding.script.asked("received")
    assert (case_no, facts["waybill_no"], facts["state"]) == ("C1", "YT1", "returned")


@pytest.mark.parametrize("state", ["succeeded", "closed"])
def test_a_case_that_is_over_is_not_decided(deciding: World, state: str) -> None:
    case_id = take(deciding, a_case(state=state))
    with pytest.raises(NotPossible):
        decided(deciding, case_id)


def test_who_cannot_be_told_is_not_told(deciding: World) -> None:
    case_id = take(deciding, a_case(allows=[]))
    with pytest.raises(Stale):
        decided(deciding, case_id, seen_version=3)
    with pytest.raises(NotFound):
        decided(deciding, case_id + 1)
    with pytest.raises(Invalid):
        decide_case(deciding.hub, case_id, True, "长" * 501, {}, "user:7")
    deciding.run("update shop set mode = 'observing'")
    with pytest.raises(NotPossible, match="only observed"):
        decided(deciding, case_id)
    deciding.run("update shop set mode = 'live'")
    deciding.hub.vendors["plain"] = deciding.hub.vendors["plain"].__mro__[1]  # The market that takes no decisions.
    with pytest.raises(NotPossible, match="takes no such decision"):
        decided(deciding, case_id)
    assert row(deciding) == ("waiting", 1)


def test_a_case_without_its_order_is_decided_all_the_same(deciding: World) -> None:
    case_id = take(deciding, a_case("C2", "T-unknown"))
    decided(deciding, case_id, False)
    assert sent(deciding) == ["done"]
    assert deciding.one("select review from cases where external_no = 'C2'") == "refused"
