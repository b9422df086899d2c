"""A marketplace, a warehouse and a carrier that speak plain JSON and end every call as a script says."""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from connectors.contract import delivering as d
from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.errors import BadRecord, BadSignature
from connectors.contract.families import Carrier, Connector, Marketplace, Warehouse
from connectors.contract.manifest import Manifest

NOTHING = object()


@dataclass
class Script:
    """What was called, and how the next calls of a name end: an exception is raised, a value returned."""

    calls: list[tuple[str, Any]] = field(default_factory=list)
    outcomes: dict[str, deque[Any]] = field(default_factory=lambda: defaultdict(deque))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, name: str, *outcomes: Any) -> None:
        """The next calls of this name end so, one after the other."""
        self.outcomes[name].extend(outcomes)

    def play(self, name: str, request: Any, default: Any) -> Any:
        """Note the call and end it."""
        with self.lock:
            self.calls.append((name, request))
            outcome = self.outcomes[name].popleft() if self.outcomes[name] else NOTHING
        if isinstance(outcome, Exception):
            raise outcome
        return default if outcome is NOTHING else outcome

    def asked(self, name: str) -> list[Any]:
        """The requests of all calls of a name so far."""
        return [request for called, request in self.calls if called == name]


def a_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def receiver_of(value: dict[str, Any]) -> r.ReceiverRecord:
    return r.ReceiverRecord(**value)


def line_of(value: dict[str, Any]) -> r.LineRecord:
    plain = dict(value)
    plain["state"] = r.OrderState(plain.get("state", "open"))
    plain["refund"] = r.RefundState(plain.get("refund", "none"))
    plain["fulfiller"] = r.Fulfiller(plain.get("fulfiller", "us"))
    return r.LineRecord(**plain)


def order_of(value: dict[str, Any]) -> r.OrderRecord:
    """The record that a plain document says; its keys are the record's fields."""
    plain = dict(value)
    try:
        plain["state"] = r.OrderState(plain["state"])
        plain["receiver"] = receiver_of(plain["receiver"])
        plain["buyer"] = r.BuyerRecord(**plain["buyer"])
        plain["lines"] = tuple(line_of(line) for line in plain["lines"])
        plain["payments"] = tuple(
            r.PaymentRecord(r.PaymentKind(p["kind"]), p["amount"], a_time(p.get("paid_at")))
            for p in plain.get("payments", ())
        )
        for name in ("created_at", "changed_at", "paid_at", "ship_by", "collect_by"):
            if name in plain:
                plain[name] = a_time(plain[name])
        plain["platform_holds"] = tuple(plain.get("platform_holds", ()))
        if plain.get("partner"):
            plain["partner"] = r.PartnerRecord(**plain["partner"])
        if plain.get("delivery"):
            way = {**plain["delivery"], "promise_at": a_time(plain["delivery"].get("promise_at"))}
            plain["delivery"] = r.DeliveryRecord(
                **(way | {"mode": d.DeliveryMode(way["mode"]), "leg": d.LastLeg(way["leg"])})
            )
    except KeyError as error:
        raise BadRecord("is missing", field=str(error.args[0])) from None
    return r.OrderRecord(**plain)


class PlainMarket(Marketplace):
    """A marketplace whose documents are the record's fields as JSON."""

    manifest = Manifest("plain", "marketplace", "平常", "Plain", "平", "http://127.0.0.1:1")
    script: Script

    def parse_order(self, body: bytes) -> r.OrderRecord:
        return order_of(orjson.loads(body))

    def parse_case(self, body: bytes) -> r.CaseRecord:
        plain = orjson.loads(body)
        if "state" not in plain:
            raise BadRecord("is missing", field="state")
        for name in ("created_at", "changed_at"):
            plain[name] = a_time(plain[name])
        plain["state"] = r.RefundState(plain["state"])
        plain["lines"] = tuple(r.CaseLine(**line) for line in plain.get("lines", ()))
        return r.CaseRecord(**plain)

    def parse_statement(self, body: bytes) -> tuple[r.StatementLine, ...]:
        rows = orjson.loads(body)["lines"]
        return tuple(r.StatementLine(**{**row, "at": a_time(row["at"])}) for row in rows)

    def get_order(self, external_no: str) -> r.RawDocument:
        return self.script.play("get_order", external_no, None)  # type: ignore[no-any-return]

    def push_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        return self.script.play("push_shipment", notice, n.Receipt())  # type: ignore[no-any-return]

    def find_shipment(self, order_no: str) -> n.ShipmentFound:
        return self.script.play("find_shipment", order_no, n.ShipmentFound({}))  # type: ignore[no-any-return]

    def change_shipment(self, notice: n.ShipmentNotice) -> n.Receipt:
        return self.script.play("change_shipment", notice, n.Receipt())  # type: ignore[no-any-return]

    def merge_groups(self, candidates: Sequence[n.MergeCandidate]) -> list[frozenset[str]]:
        everyone = [frozenset(candidate.order_no for candidate in candidates)]
        return self.script.play("merge_groups", list(candidates), everyone)  # type: ignore[no-any-return]

    def confirm_interception(self, notice: n.InterceptionNotice) -> n.Receipt:
        return self.script.play("confirm_interception", notice, n.Receipt())  # type: ignore[no-any-return]


def verified(push: n.PushRequest) -> n.PushEnvelope:
    """A push is genuine when its `x-sign` header is the hash of its body."""
    if push.headers.get("x-sign") != hashlib.sha256(push.body).hexdigest():
        raise BadSignature("the signature does not match")
    return n.PushEnvelope(hashlib.sha256(push.body).hexdigest(), "report", n.PushAnswer(b"ok", "text/plain"))


class PlainWarehouse(Warehouse):
    """A warehouse that takes and gives back whatever it is asked, unless the script says otherwise."""

    manifest = Manifest("plainwms", "warehouse", "平仓", "Plain WMS", "仓", "http://127.0.0.1:1")
    script: Script

    def create_fulfilment(self, notice: n.FulfilmentNotice) -> n.Receipt:
        return self.script.play("create", notice, n.Receipt(f"W{notice.number}"))  # type: ignore[no-any-return]

    def find_fulfilment(self, ref: n.FulfilmentRef) -> n.FulfilmentFound | None:
        return self.script.play("find", ref, None)  # type: ignore[no-any-return]

    def cancel_fulfilment(self, ref: n.FulfilmentRef) -> n.Receipt:
        return self.script.play("cancel", ref, n.Receipt())  # type: ignore[no-any-return]

    def verify_push(self, push: n.PushRequest) -> n.PushEnvelope:
        return verified(push)

    def parse_push(self, push: n.PushRequest) -> n.PushReport:
        return self.script.play("parse", push, None)  # type: ignore[no-any-return]


class PlainCarrier(Carrier):
    """A carrier that follows whatever it is asked to."""

    manifest = Manifest("plaintrack", "carrier", "平快递", "Plain track", "递", "http://127.0.0.1:1")
    script: Script
    opens = frozenset({"oaid"})

    def subscribe(self, request: n.TrackRequest) -> n.Receipt:
        return self.script.play("subscribe", request, n.Receipt())  # type: ignore[no-any-return]

    def track(self, request: n.TrackRequest) -> n.TrackReport:
        nothing = n.TrackReport(request.carrier_code, request.waybill_no, n.ParcelState.UNKNOWN, ())
        return self.script.play("track", request, nothing)  # type: ignore[no-any-return]

    def request_waybill(self, notice: n.LabelNotice) -> n.Label:
        label = n.Label(f"WB{notice.number}", f"print {notice.receiver.name}")
        return self.script.play("request_waybill", notice, label)  # type: ignore[no-any-return]

    def find_waybill(self, ref: n.LabelRef) -> n.Label | None:
        return self.script.play("find_waybill", ref, None)  # type: ignore[no-any-return]

    def change_label(self, notice: n.LabelNotice) -> n.Label:
        label = n.Label(notice.waybill_no, f"print {notice.receiver.name}")
        return self.script.play("change_label", notice, label)  # type: ignore[no-any-return]

    def cancel_waybill(self, ref: n.LabelRef) -> n.Receipt:
        return self.script.play("cancel_waybill", ref, n.Receipt(ref.waybill_no))  # type: ignore[no-any-return]

    def balance(self) -> tuple[n.NumbersLeft, ...]:
        return self.script.play("balance", None, ())  # type: ignore[no-any-return]

    def reachable(self, carrier_code: str, place: r.ReceiverRecord) -> n.Reach:
        return self.script.play("reachable", (carrier_code, place), n.Reach(True))  # type: ignore[no-any-return]


def vendors(script: Script) -> dict[str, type[Connector]]:
    """The three connectors, bound to one script."""
    classes = {"plain": PlainMarket, "plainwms": PlainWarehouse, "plaintrack": PlainCarrier}
    return {name: type(cls.__name__, (cls,), {"script": script}) for name, cls in classes.items()}
