"""The SF twin: one address, five services, answers within answers."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote_plus

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Call, Route, Twin, TwinOptions, json_answer
from connectors.sandbox.sf import default_keys

CHINA = timezone(timedelta(hours=8))
TOLERANCE_MS = 10 * 60 * 1000
NEEDED = ("partnerID", "requestID", "serviceCode", "timestamp", "msgDigest", "msgData")
SCHEMA = """
create table if not exists placed (id text primary key, number text not null, state text not null, phone text not null,
    address text not null);
create table if not exists node (id integer primary key, number text not null, at text not null, code text not null,
    words text not null, place text not null);
"""
#: A word in the receiver's address that SF does not go to.
OUT_OF_AREA = "超区"


class Refusal(Exception):
    """SF says no: at the gateway when `outer`, else within its answer."""

    def __init__(self, code: str, words: str, *, outer: bool = False) -> None:
        super().__init__(f"{code} {words}")
        self.code, self.words, self.outer = code, words, outer


def digest(text: str, stamp: str, checkword: str) -> str:
    """Base64 of the MD5 of the form-encoded text, as Java encodes it: `*` stays, `~` does not."""
    encoded = quote_plus(text + stamp + checkword, safe="*").replace("~", "%7E")
    return base64.b64encode(hashlib.md5(encoded.encode(), usedforsecurity=False).digest()).decode()


class SfTwin(Twin):
    """Settings: the keys of `describe`."""

    name = "sf"
    schema = SCHEMA

    def __init__(self, options: TwinOptions) -> None:
        super().__init__(options)
        self.keys = {name: str(options.settings.get(name, key)) for name, key in default_keys(options.seed).items()}

    def routes(self) -> Iterable[Route]:
        yield Route("/std/service", self._call)

    def control_routes(self) -> Iterable[Route]:
        yield Route("/_twin/routes/<number>", self._scan)

    def ledger(self) -> dict[str, Any]:
        """Every order with its number and state, every scan."""
        return {table: [dict(row) for row in self.storage.rows(f"select * from {table}")] for table in ("placed", "node")}

    def rate_limited(self, seconds: int) -> Response:
        return _answer(Refusal("A1005", "API未开通或流量受控", outer=True))

    def session_expired(self) -> Response:
        return _answer(Refusal("A1004", "无对应服务权限", outer=True))

    def _call(self, request: Request) -> Response:
        form = request.form.to_dict()

        def work() -> Call:
            try:
                message = self._checked(form)
                found = SERVICES[form["serviceCode"]](self, message)
            except Refusal as refusal:
                return Call(_answer(refusal), f"refused: {refusal.code}")
            return Call(_wrapped({"success": True, "errorCode": "S0000", "errorMsg": None, "msgData": found}))

        return self.call(request, form.get("serviceCode", "?"), work)

    def _checked(self, form: Mapping[str, str]) -> Any:
        for name in NEEDED:
            if not form.get(name):
                raise Refusal("A1001", f"必传参数不可为空：{name}", outer=True)
        if form["partnerID"] != self.keys["partner_id"] or form["serviceCode"] not in SERVICES:
            raise Refusal("A1004", "无对应服务权限", outer=True)
        stamp = form["timestamp"]
        if not stamp.isdigit() or abs(time.time() * 1000 - int(stamp)) > TOLERANCE_MS:
            raise Refusal("A1002", "请求时效已过期", outer=True)
        wanted = digest(form["msgData"], stamp, self.keys["checkword"])
        if not hmac.compare_digest(wanted.encode(), form["msgDigest"].encode()):
            raise Refusal("A1006", "数字签名无效", outer=True)
        try:
            return json.loads(form["msgData"])
        except ValueError:
            raise Refusal("A1001", "msgData不是合法的JSON", outer=True) from None

    def place(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """EXP_RECE_CREATE_ORDER: a second order under the same id is refused as a duplicate."""
        id_ = _text(wish, "orderId")
        _text(wish, "language")
        if not wish.get("cargoDetails"):
            raise Refusal("1010", "cargoDetails不能为空")
        contacts = {who.get("contactType"): who for who in wish.get("contactInfoList") or []}
        if 1 not in contacts or 2 not in contacts:
            raise Refusal("1011", "寄件方或收件方不能为空")
        for who in contacts.values():
            for name in ("contact", "mobile", "address"):
                _text(who, name)
        if self.storage.one("select 1 from placed where id = ?", (id_,)):
            raise Refusal("8016", "重复下单")
        address = str(contacts[2]["address"])
        if OUT_OF_AREA in address:
            return {"orderId": id_, "filterResult": 3, "waybillNoInfoList": []}
        number = f"SF{self.storage.next_number('waybill', 1):013d}"
        self.storage.execute(
            "insert into placed (id, number, state, phone, address) values (?, ?, 'placed', ?, ?)",
            (id_, number, str(contacts[2]["mobile"]), address),
        )
        return _told(id_, number)

    def search(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """EXP_RECE_SEARCH_ORDER_RESP."""
        row = self._row(_text(wish, "orderId"))
        return _told(row["id"], row["number"])

    def update(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """EXP_RECE_UPDATE_ORDER: 2 cancels, 1 confirms with what has changed; not once it was collected."""
        row = self._row(_text(wish, "orderId"))
        kind = wish.get("dealType")
        if kind not in (1, 2):
            raise Refusal("1012", "dealType不合法")
        if self.storage.one("select 1 from node where number = ?", (row["number"],)):
            raise Refusal("8019", "订单已收件，不能取消或修改")
        if kind == 2:
            self.storage.execute("update placed set state = 'cancelled' where id = ?", (row["id"],))
        for who in wish.get("contactInfoList") or [] if kind == 1 else []:
            self.storage.execute(
                "update placed set phone = ?, address = ? where id = ?", (who["mobile"], who["address"], row["id"])
            )
        return _told(row["id"], row["number"])

    def filter(self, wish: Any) -> list[dict[str, Any]]:
        """EXP_RECE_FILTER_ORDER_BSP: 2 goes there, 3 does not."""
        rows = wish if isinstance(wish, list) else [wish]
        return [{"filterResult": 3 if OUT_OF_AREA in json.dumps(row, ensure_ascii=False) else 2} for row in rows]

    def tracks(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """EXP_RECE_SEARCH_ROUTES: nothing without the last four digits of a phone of the order."""
        numbers, tail = wish.get("trackingNumber") or [], str(wish.get("checkPhoneNo", ""))
        if not numbers:
            raise Refusal("1014", "trackingNumber不能为空")
        found = []
        for number in numbers:
            row = self.storage.one("select * from placed where number = ?", (number,))
            nodes = self.storage.rows("select * from node where number = ? order by id", (number,))
            told = nodes if row is not None and row["phone"].endswith(tail or "?") else []
            found.append({"mailNo": number, "routes": [
                {"acceptTime": one["at"], "acceptAddress": one["place"], "remark": one["words"], "opCode": one["code"]}
                for one in told
            ]})  # fmt: skip
        return {"routeResps": found}

    def _row(self, id_: str) -> Any:
        row = self.storage.one("select * from placed where id = ? and state <> 'cancelled'", (id_,))
        if row is None:
            raise Refusal("8018", "未获取到订单信息")
        return row

    def _scan(self, request: Request, number: str) -> Response:
        """{"code", "words"}: something happens to a parcel now."""
        wish = request.get_json(silent=True) or {}
        at = datetime.now(CHINA).strftime("%Y-%m-%d %H:%M:%S")
        self.storage.execute(
            "insert into node (number, at, code, words, place) values (?, ?, ?, ?, ?)",
            (
                number,
                str(wish.get("at", at)),
                str(wish.get("code", "50")),
                str(wish.get("words", "快件状态更新")),
                "上海市",
            ),
        )
        return json_answer({"ok": True})


def _told(id_: str, number: str) -> dict[str, Any]:
    return {"orderId": id_, "filterResult": 2, "waybillNoInfoList": [{"waybillType": 1, "waybillNo": number}]}


def _text(tree: Mapping[str, Any], name: str) -> str:
    value = str(tree.get(name, "") or "").strip()
    if not value:
        raise Refusal("1010", f"{name}不能为空")
    return value


def _answer(refusal: Refusal) -> Response:
    if refusal.outer:
        return json_answer({"apiResponseID": "twin", "apiErrorMsg": refusal.words, "apiResultCode": refusal.code,
                            "apiResultData": ""})  # fmt: skip
    return _wrapped({"success": False, "errorCode": refusal.code, "errorMsg": refusal.words, "msgData": None})


def _wrapped(inner: Mapping[str, Any]) -> Response:
    return json_answer({"apiResponseID": "twin", "apiErrorMsg": "", "apiResultCode": "A1000",
                        "apiResultData": json.dumps(inner, ensure_ascii=False)})  # fmt: skip


SERVICES: dict[str, Callable[[SfTwin, Any], Any]] = {
    "EXP_RECE_CREATE_ORDER": SfTwin.place,
    "EXP_RECE_SEARCH_ORDER_RESP": SfTwin.search,
    "EXP_RECE_UPDATE_ORDER": SfTwin.update,
    "EXP_RECE_FILTER_ORDER_BSP": SfTwin.filter,
    "EXP_RECE_SEARCH_ROUTES": SfTwin.tracks,
}
