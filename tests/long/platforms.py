"""A marketplace's twin in this process, on a clock of ours, and the connectors that call it without a network."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

import requests
from requests.adapters import BaseAdapter
from werkzeug.test import Client

from connectors.contract.families import Connector, Marketplace
from connectors.contract.http import Http
from connectors.contract.manifest import Account
from connectors.sandbox.kit import Twin, TwinOptions
from connectors.sandbox.taobao.clock import text_of
from tests.journeys.stage import SEED, Stage, TwinRefused, UnknownHere
from tests.journeys.travellers import Traveller

START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
KEPT = timedelta(days=3)
#: What goes when an order is forgotten, with the table that must be there.
FORGET = (
    ("delete from sale where created_ms < :ms", "sale"),
    ("delete from sale_case where sale not in (select number from sale)", "sale_case"),
    ("delete from shipment where tid not in (select number from sale)", "sale"),
    ("delete from push where state <> 'waiting'", "push"),
    ("delete from trade where created < :text", "trade"),
    ("delete from refund where tid not in (select tid from trade)", "refund"),
    ("delete from shipment where tid not in (select tid from trade)", "trade"),
    ("delete from message", "message"),
)
Doc = dict[str, Any]


def now() -> datetime:
    """The clock that tests put forward."""
    return datetime.now(UTC)


class Wire(BaseAdapter):
    """Carries what a connector sends to a twin; `after` is what happens meanwhile, told once for each call."""

    def __init__(self, twin: Twin) -> None:
        super().__init__()
        self._client = Client(twin, use_cookies=False)
        self.after: Callable[[], None] = lambda: None

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """The twin's answer; time and buyers go on before it arrives."""
        parts = urlsplit(str(request.url))
        answer = self._client.open(
            parts.path, method=request.method, query_string=parts.query, data=request.body or b"",
            headers=list(request.headers.items()), base_url=f"{parts.scheme}://{parts.netloc}",
        )  # fmt: skip
        response = requests.Response()
        response.status_code, response._content = answer.status_code, answer.get_data()
        response.headers.update(answer.headers.items())
        response.url, response.request = str(request.url), request
        self.after()
        return response

    def close(self) -> None:
        """Nothing is open."""


class Platform(Stage):
    """A twin at an address that only its own connectors reach."""

    def __init__(self, traveller: Traveller, folder: Path, **settings: Any) -> None:
        module, _, name = traveller.twin.partition(":")
        make_twin: type[Twin] = getattr(import_module(module), name)
        self.twin = make_twin(TwinOptions(folder / traveller.vendor, SEED, 1.0, {**traveller.twin_settings, **settings}))
        self.wire = Wire(self.twin)
        self._client = Client(self.twin, use_cookies=False)
        super().__init__(traveller, f"https://{traveller.vendor}.example.invalid")

    @property
    def vendor(self) -> str:
        return self.traveller.vendor

    def clock(self) -> datetime:
        return now()

    def connector(self, account: Account) -> Marketplace:
        return self.wired()(account, clock=self.clock)

    def wired(self) -> type[Marketplace]:
        """The vendor's connector class, each of whose calls goes to this twin and waits for no budget."""
        wire, kind = self.wire, self.kind

        def begin(self: Connector, account: Account, http: Http | None = None, clock: Any = now) -> None:
            near = Http()
            for scheme in ("http://", "https://"):
                near._session.mount(scheme, wire)
            kind.__init__(self, account, near, clock)

        return cast("type[Marketplace]", type(kind.__name__, (kind,), {"__init__": begin}))

    def call(self, path: str, body: object = None) -> Any:
        """A control endpoint's answer; TwinRefused with its words."""
        answer = self._client.open(
            f"/_twin/{quote(path, safe='/:')}", method="GET" if body is None else "POST", json=body or {}
        )
        if answer.status_code < 400:
            return answer.get_json()
        words = answer.get_data(as_text=True)
        raise (UnknownHere if "unknown kind" in words or "no verb" in words else TwinRefused)(f"{path}: {words}")

    def try_to(self, number: str, verb: str, **body: Any) -> bool:
        """Whether the platform let this happen to an order."""
        with suppress(TwinRefused):
            self.act(number, verb, **body)
            return True
        return False

    def misbehave(self, faults: list[Mapping[str, Any]]) -> None:
        """These faults from now on, and none of those before."""
        self.twin.faults.replace(faults)

    def subscribe(self, topic: str, url: str) -> None:
        """Make a webhook through the shop's API, as its owner would."""
        secrets = self.account.secrets
        hook = {"topic": topic, "delivery_url": url, "secret": secrets["webhook_secret"]}
        keys = (secrets["consumer_key"], secrets["consumer_secret"])
        answer = self._client.post("/wp-json/wc/v3/webhooks", json=hook, auth=keys, base_url=self.url)
        assert answer.status_code == 201, answer.get_data(as_text=True)

    def begin_anew(self) -> None:
        """Forget orders that are long over: what lists and ledgers tell stays short."""
        self.misbehave([])
        edge = now() - KEPT
        with self.twin.storage.write() as tx:
            there = {row["name"] for row in tx.execute("select name from sqlite_master where type = 'table'")}
            for statement, table in FORGET:
                if table in there:
                    tx.execute(statement, {"ms": int(edge.timestamp() * 1000), "text": text_of(edge)})

    def run_due(self) -> None:
        """What is due by now happens: pushes leave, delays end."""
        self.twin.scheduler.run_due()

    def close(self) -> None:
        self.twin.close()


def widths(chance: random.Random) -> timedelta:
    """How long a call or a rest takes: mostly nothing to speak of."""
    return timedelta(milliseconds=chance.choice((1, 5, 20, 200, 1_000, 3_000)))
