"""A twin served over HTTP with the connector that calls it; what tests ask of both. No assertions here."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, cast
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from werkzeug.serving import make_server

from connectors import registry
from connectors.contract import notices as n
from connectors.contract import records as r
from connectors.contract.families import Marketplace
from connectors.contract.manifest import Account, Manifest
from connectors.sandbox.kit import Twin, TwinOptions
from connectors.sandbox.kit.serving import QuietRequests
from oms.demo.markets import account_values
from tests.journeys.travellers import Traveller

Doc = dict[str, Any]
SEED = 7
#: Taobao's shop is the demo's first and is written by hand there; the others' accounts follow their manifests.
MOST_PAGES = 60


class TwinRefused(Exception):
    """The platform's simulation does not allow what a test asked a buyer to do."""


class UnknownHere(TwinRefused):
    """This platform has no such kind of order, or no such thing can be done to one."""


class Stage:
    """One platform at its address and one shop's connector for it."""

    def __init__(self, traveller: Traveller, url: str) -> None:
        self.traveller = traveller
        self.url = url
        self.kind = cast("type[Marketplace]", registry.find(traveller.vendor))
        self.account = _account(traveller, self.kind.manifest, url)
        self.began = datetime.now(UTC)
        self._rested = timedelta()
        self.shop = self.connector(self.account)

    @property
    def able(self) -> frozenset[str]:
        """What this marketplace's connector can do."""
        return self.kind.capabilities()

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.traveller.clock_ahead + self._rested

    def connector(self, account: Account) -> Marketplace:
        """Another connector with other credentials."""
        return self.kind(account, clock=self.clock)

    # ---- the platform's side -----------------------------------------------------------------

    def call(self, path: str, body: object = None) -> Any:
        """A control endpoint's answer; TwinRefused with its words."""
        sent = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/_twin/{path}", sent, {"Content-Type": "application/json"})
        try:
            with urlopen(request, timeout=10) as answer:
                return json.loads(answer.read())
        except HTTPError as error:
            words = f"{path}: {error.read().decode()}"
            raise (UnknownHere if "unknown kind" in words or "no verb" in words else TwinRefused)(words) from None

    def buy(self, kind: str = "plain", count: int = 1) -> list[str]:
        """Numbers of new orders of a kind."""
        return list(self.call("trades", {"kinds": {kind: count}})["tids"][kind])

    def damage(self, count: int) -> dict[str, list[str]]:
        """Numbers of new orders whose documents are damaged, by kind of damage."""
        return dict(self.call("trades", {"kinds": {"bad": count}})["tids"]["bad"])

    def act(self, number: str, verb: str, **body: Any) -> Doc:
        """Do one thing to an order as buyer, platform or time."""
        if "line" in body:
            body[self.traveller.line_word] = body.pop("line")
        verb = self.traveller.verbs.get(verb, verb)
        return cast(Doc, self.call(f"trades/{quote(number, safe=':/')}/{verb}", body))

    def return_goods(self, number: str) -> None:
        """The buyer sends back what was agreed to."""
        refunds = self.trade(number)["refunds"]
        self.act(number, "return_goods", refund_id=refunds[-1]["refund_id"])

    def fault(self, kind: str, **more: Any) -> None:
        """One fault from now on; none before it stays."""
        self.call("faults", {"faults": [{"kind": kind, **more}]})

    def no_faults(self) -> None:
        self.call("faults", {"faults": []})

    def pass_time(self, seconds: float = 0) -> None:
        """Let twin-seconds pass and what is due happen."""
        self.call("advance", {"seconds": seconds})

    def trade(self, number: str) -> Doc:
        """An order as the platform's ledger has it."""
        found = [trade for trade in self.call("ledger")["trades"] if trade["tid"] == number]
        return cast(Doc, found[0])

    def lose_answer_of_shipping(self) -> None:
        """The next call that ships is taken, and its connection dropped before the answer."""
        self.fault("timeout_after_accept", match=self.traveller.ship_call, max_times=1)

    # ---- the connector's side ----------------------------------------------------------------

    def captured(self, cursor: str = "") -> dict[str, r.OrderRecord]:
        """Every order that a pull from this cursor brings, by number, each parsed."""
        return {document.external_no: self.shop.parse_order(document.body) for document in self.documents(cursor)}

    def documents(self, cursor: str = "") -> Iterator[r.RawDocument]:
        for page in self.pages(cursor):
            yield from page.documents
            yield from (self.shop.get_order(reference.external_no) for reference in page.references)

    def pages(self, cursor: str = "") -> Iterator[r.Page]:
        """Pages of orders until there are no more."""
        self._rested += self.traveller.rests
        for _ in range(MOST_PAGES):
            page = self.shop.pull_orders(cursor)
            yield page
            cursor = page.cursor
            if not page.more:
                return
        raise AssertionError(f"{MOST_PAGES} pages and still more")

    def order(self, number: str) -> r.OrderRecord:
        """The order, read now."""
        return self.shop.parse_order(self.shop.get_order(number).body)

    def cases(self, order_no: str) -> list[r.CaseRecord]:
        """The order's cases as the next pull of cases brings them, then read one by one."""
        told: dict[str, bytes] = {}
        cursor = ""
        for pull in range(1, MOST_PAGES):
            page = self.shop.pull_cases(cursor)
            told |= dict.fromkeys((found.external_no for found in page.references), b"")
            told |= {found.external_no: found.body for found in page.documents}
            cursor = page.cursor
            if not page.more and pull >= self.traveller.case_pulls:
                break
        if "get_case" in self.able:
            told = {number: self.shop.get_case(number).body for number in told}
        found = [self.shop.parse_case(body) for body in told.values()]
        return [case for case in found if case.order_no == order_no]

    def case(self, case: r.CaseRecord) -> r.CaseRecord:
        """The same case, read now."""
        if "get_case" in self.able:
            return self.shop.parse_case(self.shop.get_case(case.external_no).body)
        return next(now for now in self.cases(case.order_no) if now.external_no == case.external_no)

    def facts(self, case: r.CaseRecord) -> dict[str, str]:
        """What the hub tells a decision about a case, and what its platform wants besides."""
        own = {"kind": case.kind, "state": case.state.value, "version": case.version, "phase": case.phase}
        return {**own, "amount": str(case.amount), "order_no": case.order_no, **self.traveller.facts}

    def parcel(self, number: str, waybill: str, *lines: str) -> n.ShipmentNotice:
        """A parcel of an order; of the whole order when no line is named."""
        return n.ShipmentNotice(number, "ZTO", waybill, not lines, datetime.now(UTC), lines, idempotency_key=waybill)


def rows_of(page: r.Page) -> list[r.RawDocument | r.Reference]:
    """What a page tells of, whether it brings documents or only names them."""
    return [*page.documents, *page.references]


def money(value: object) -> int:
    """An amount of a ledger, in minor units: Taobao's are texts in yuan."""
    return int(value) if isinstance(value, int) else round(float(str(value)) * 100)


@contextmanager
def staged(traveller: Traveller, folder: Path, **settings: Any) -> Iterator[Stage]:
    """The platform served on a port of its own until the end of the block."""
    module, _, name = traveller.twin.partition(":")
    make_twin: type[Twin] = getattr(import_module(module), name)
    twin = make_twin(TwinOptions(folder, SEED, 60.0, {**traveller.twin_settings, **settings}))
    server = make_server("127.0.0.1", 0, twin, threaded=True, request_handler=QuietRequests)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Stage(traveller, f"http://127.0.0.1:{server.port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        twin.close()


def _account(traveller: Traveller, manifest: Manifest, url: str) -> Account:
    told: Mapping[str, Any] = import_module(f"connectors.sandbox.{traveller.vendor}").describe(url, SEED)
    gateway, settings, secrets = account_values(manifest, told)
    since = (datetime.now(UTC) - timedelta(minutes=10)).isoformat()
    return Account({**settings, "since": since, **traveller.account}, secrets, gateway)


def renewed(account: Account, secrets: Mapping[str, str]) -> Account:
    """The account with new secrets in the place of old ones."""
    return replace(account, secrets={**account.secrets, **secrets})
