"""The Cainiao twin: one address, six methods, a ledger, levers."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from connectors.sandbox.cainiao import default_keys
from connectors.sandbox.cainiao.gateway import ApiError, check, missing
from connectors.sandbox.cainiao.numbers import SCHEMA, UNREACHABLE, Method, Numbers
from connectors.sandbox.kit import Call, Route, Twin, TwinOptions, json_answer

#: Carriers subscribed: directly run (1) without a count, franchises (2) with prepaid numbers.
BRANCHES = {"SF": (1, 0), "ZTO": (2, 5000), "YTO": (2, 5000), "STO": (2, 5000), "YUNDA": (2, 5000)}


class CainiaoTwin(Twin):
    """Settings: the keys of `describe`, `sender` (the registered street; empty: any), `quantity` of prepaid numbers."""

    name = "cainiao"
    schema = SCHEMA

    def __init__(self, options: TwinOptions) -> None:
        super().__init__(options)
        self.keys = {name: str(options.settings.get(name, key)) for name, key in default_keys(options.seed).items()}
        self.numbers = Numbers(self.storage, str(options.settings.get("sender", "")))
        self.after_reset()

    def after_reset(self) -> None:
        for cp, (kind, quantity) in BRANCHES.items():
            left = int(self.options.settings.get("quantity", quantity)) if kind == 2 else 0
            self.storage.execute("insert or ignore into branch (cp, type, quantity) values (?, ?, ?)", (cp, kind, left))

    def routes(self) -> Iterable[Route]:
        yield Route("/router/rest", self._call)

    def control_routes(self) -> Iterable[Route]:
        yield Route("/_twin/numbers/<code>", self._change)

    def ledger(self) -> dict[str, Any]:
        """Every number with its key and state, and what is left of prepaid ones."""
        numbers = [dict(row) for row in self.storage.rows("select * from number order by code")]
        left = {row["cp"]: row["quantity"] for row in self.storage.rows("select * from branch where type = 2")}
        return {"numbers": numbers, "left": left}

    def rate_limited(self, seconds: int) -> Response:
        return json_answer(
            ApiError(7, "accesscontrol.limited-by-api", f"This ban will last for {seconds} seconds").body()
        )

    def session_expired(self) -> Response:
        return json_answer(ApiError(27).body())

    def _call(self, request: Request) -> Response:
        values = {**request.args.to_dict(), **request.form.to_dict()}
        method = values.get("method", "")

        def work() -> Call:
            try:
                check(values, self.keys)
                run = METHODS.get(method)
                if run is None:
                    raise ApiError(22)
                content = run(self.numbers, values)
            except ApiError as error:
                return Call(json_answer(error.body()), f"error {error.code} {error.sub_code}".strip())
            return Call(json_answer({method.replace(".", "_") + "_response": {**content, "request_id": "twin"}}))

        return self.call(request, method or "?", work)

    def _change(self, request: Request, code: str) -> Response:
        """{"state": "picked"}: the courier has the parcel, so its label cannot change any more."""
        state = str((request.get_json(silent=True) or {}).get("state", ""))
        if state not in ("got", "picked"):
            return json_answer({"ok": False, "error": "state must be got or picked"}, 400)
        return json_answer(
            {"ok": bool(self.storage.execute("update number set state = ? where code = ?", (state, code)))}
        )


def _json(values: Mapping[str, str], name: str) -> Any:
    try:
        return json.loads(values.get(name, ""))
    except ValueError:
        raise missing(name) from None


def _queries(values: Mapping[str, str]) -> list[Mapping[str, Any]]:
    rows = _json(values, "param_list")
    if not isinstance(rows, list) or not rows:
        raise missing("param_list")
    return rows


def _by_trade(numbers: Numbers, values: Mapping[str, str]) -> dict[str, Any]:
    sql = "select * from number where trade = ? and state <> 'cancelled' order by code"
    return {"modules": {"waybill_cloud_print_with_result_desc_response": [
        numbers.find(numbers.storage.rows(sql, (str(row.get("biz_sub_code", "")),)), str(row.get("object_id", "")))
        for row in _queries(values)
    ]}}  # fmt: skip


def _by_code(numbers: Numbers, values: Mapping[str, str]) -> dict[str, Any]:
    sql = "select * from number where code = ? and cp = ? and state <> 'cancelled'"
    return {"modules": {"waybill_cloud_print_with_result_desc_response": [
        numbers.find(
            numbers.storage.rows(sql, (row.get("waybill_code"), row.get("cp_code"))), str(row.get("object_id", ""))
        )
        for row in _queries(values)
    ]}}  # fmt: skip


def _cancel(numbers: Numbers, values: Mapping[str, str]) -> dict[str, Any]:
    for name in ("cp_code", "waybill_code"):
        if not values.get(name):
            raise missing(name)
    return numbers.cancel(values["cp_code"], values["waybill_code"])


def _reach(_numbers: Numbers, values: Mapping[str, str]) -> dict[str, Any]:
    wish = _json(values, "reachable_recommend_request_dto")
    is_out = UNREACHABLE in str(wish.get("address", {}).get("address_detail", ""))
    module = {"reachable": not is_out, "interrupt_reason": "超区" if is_out else ""}
    return {"result": {"success": True, "module": module}}


METHODS: dict[str, Method] = {
    "cainiao.waybill.ii.get": lambda n, v: n.get(_json(v, "param_waybill_cloud_print_apply_new_request")),
    "cainiao.waybill.ii.update": lambda n, v: n.update(_json(v, "param_waybill_cloud_print_update_request")),
    "cainiao.waybill.ii.cancel": _cancel,
    "cainiao.waybill.ii.query.by.tradecode": _by_trade,
    "cainiao.waybill.ii.query.by.waybillcode": _by_code,
    "cainiao.waybill.ii.search": lambda n, v: n.search(),
    "cainiao.waybill.address.reachable.query": _reach,
}
