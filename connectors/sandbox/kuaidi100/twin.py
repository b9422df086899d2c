"""The kuaidi100 twin: its addresses, its ledger, its levers."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Call, Route, Twin, TwinOptions, json_answer
from connectors.sandbox.kuaidi100 import enquiries
from connectors.sandbox.kuaidi100.messages import reply
from connectors.sandbox.kuaidi100.road import Road
from connectors.sandbox.kuaidi100.schema import SCHEMA
from connectors.sandbox.kuaidi100.settings import read_settings
from connectors.sandbox.kuaidi100.subscriptions import Refusal, subscribe


class Kuaidi100Twin(Twin):
    """Answers /poll, /poll/query.do and /autonumber/auto, and pushes to subscribers.

    The setting `speed` wins over the speed of all twins: parcels need days where a warehouse needs minutes.
    """

    name = "kuaidi100"
    schema = SCHEMA

    def __init__(self, options: TwinOptions) -> None:
        self.settings = read_settings(options.settings, options.seed)
        super().__init__(replace(options, speed=float(options.settings.get("speed", options.speed))))
        self.road = Road(self.storage, self.scheduler, self.settings, options.seed)

    def routes(self) -> Iterable[Route]:
        yield Route("/poll", self._poll)
        yield Route("/poll/query.do", self._query)
        yield Route("/autonumber/auto", self._auto, ("GET", "POST"))

    def control_routes(self) -> Iterable[Route]:
        yield Route("/_twin/parcels/<number>", self._change_parcel)
        yield Route("/_twin/share", self._change_shares)

    def ledger(self) -> dict[str, Any]:
        """Every parcel with its events and subscriptions, and how many pushes are in which state."""
        events = self._grouped("select number, code, at from event order by id")
        subscriptions = self._grouped("select number, id, at, is_active from subscription order by id")
        parcels = [
            {
                "number": row["number"],
                "company": row["company"],
                "outcome": row["tail"],
                "ended": row["ended"],
                "events": events[row["number"]],
                "subscriptions": subscriptions[row["number"]],
            }
            for row in self.storage.rows("select * from parcel order by rowid")
        ]
        states = self.storage.rows("select state, count(*) as n from push group by state")
        return {"parcels": parcels, "pushes": {row["state"]: row["n"] for row in states}}

    def rate_limited(self, seconds: int) -> Response:
        return json_answer(reply("502", "服务器繁忙"))

    def session_expired(self) -> Response:
        return json_answer(reply("601", "KEY已过期"))

    def _poll(self, request: Request) -> Response:
        def work() -> dict[str, Any]:
            subscribe(self.road, request.form)
            return reply("200", "提交成功")

        return self._answered(request, "poll", work)

    def _query(self, request: Request) -> Response:
        return self._answered(request, "query", lambda: enquiries.query(self.road, request.form))

    def _auto(self, request: Request) -> Response:
        def work() -> Call:
            if request.values.get("key") != self.settings.key:
                return Call(json_answer(reply("600", "KEY不合法")), "refused: 600")
            return Call(json_answer(enquiries.detect(request.values.get("num", ""))))

        return self.call(request, "autonumber", work)

    def _answered(self, request: Request, method: str, work: Callable[[], dict[str, Any]]) -> Response:
        def guarded() -> Call:
            try:
                return Call(json_answer(work()))
            except Refusal as refusal:
                return Call(json_answer(reply(refusal.code, refusal.message)), f"refused: {refusal.code}")

        return self.call(request, method, guarded)

    def _change_parcel(self, request: Request, number: str) -> Response:
        """{"outcome": …} sets how it ends, also before it starts; {"code": …} lets an event happen at once."""
        wish = request.get_json(silent=True) or {}
        try:
            if "code" in wish:
                self.road.add_event(number, str(wish["code"]), str(wish.get("context", "【{target}】快件状态更新")))
            else:
                self.road.wish(number, str(wish.get("outcome", "")))
        except ValueError as error:
            return json_answer({"ok": False, "error": str(error)}, 400)
        return json_answer({"ok": True})

    def _change_shares(self, request: Request) -> Response:
        try:
            self.road.change_shares(request.get_json(silent=True) or {})
        except ValueError as error:
            return json_answer({"ok": False, "error": str(error)}, 400)
        return json_answer({"ok": True, "shares": self.road.shares()})

    def _grouped(self, sql: str) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.storage.rows(sql):
            columns = dict(row)
            found[columns.pop("number")].append(columns)
        return found
