"""The numbers of one account: given by key, changed, given back; prepaid branches run out."""

import json
import re
from collections.abc import Callable, Mapping
from sqlite3 import Row
from typing import Any

from connectors.sandbox.cainiao.gateway import ApiError, business, missing
from connectors.sandbox.kit import Storage

SCHEMA = """
create table if not exists number (code text primary key, cp text not null, key text not null unique,
    trade text not null, state text not null, version integer not null default 1, phone text not null default '');
create table if not exists branch (cp text primary key, type integer not null, quantity integer not null);
"""
ID = re.compile(r"[A-Za-z0-9_]{1,64}")
TRADE = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: What makes the twin say no, so that every refusal can be had: words in the receiver's street.
UNREACHABLE, STALE_OAID = "超区", "expired"


class Numbers:
    """One account's numbers; `sender` is the only registered place to send from (its street)."""

    def __init__(self, storage: Storage, sender: str) -> None:
        self.storage, self.sender = storage, sender

    def get(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """cainiao.waybill.ii.get: one number for each package; asked again for a package, the same one."""
        cp = _text(wish, "cp_code")
        street = _text(_inner(_inner(wish, "sender"), "address"), "detail", "sender.address.detail")
        _text(_inner(wish, "sender"), "name", "sender.name")
        _text(_inner(_inner(wish, "sender"), "address"), "province", "sender.address.province")
        if self.sender not in ("", street):
            raise business("shipp-address-not-registered", "发货地址未在电子面单账户中登记")
        trades = wish.get("trade_order_info_dtos")
        if not isinstance(trades, list) or not trades:
            raise missing("trade_order_info_dtos")
        if len(trades) > 10:
            raise ApiError(41, "isv.invalid-parameter:trade_order_info_dtos", "一次最多 10 个")
        with self.storage.write():
            return {"modules": {"waybill_cloud_print_response": [self._give(cp, one) for one in trades]}}

    def _give(self, cp: str, trade: Mapping[str, Any]) -> dict[str, Any]:
        object_id = _text(trade, "object_id")
        orders = _inner(trade, "order_info")
        _text(orders, "order_channels_type")
        numbers = orders.get("trade_order_list")
        if not isinstance(numbers, list) or not numbers or not all(TRADE.fullmatch(str(no)) for no in numbers):
            raise missing("trade_order_list")
        package = _inner(trade, "package_info")
        package_id = str(package.get("id", ""))
        if not package.get("items") or (package_id and not ID.fullmatch(package_id)):
            raise missing("package_info.items")
        _text(trade, "template_url")
        _text(trade, "user_id")
        receiver = _inner(trade, "recipient")
        self._check_receiver(receiver)
        key = f"{cp}:{','.join(map(str, numbers))}:{package_id}"
        row = self.storage.one("select * from number where key = ? and state <> 'cancelled'", (key,))
        if row is None:
            row = self._new(cp, key, str(numbers[0]), str(receiver.get("mobile", "")))
        return {"object_id": object_id, "waybill_code": row["code"], "cp_code": cp, "print_data": _print(row)}

    def _check_receiver(self, receiver: Mapping[str, Any]) -> None:
        _text(receiver, "name", "recipient.name")
        street = _text(_inner(receiver, "address"), "detail", "recipient.address.detail")
        if UNREACHABLE in street:
            raise business("address-unreachable", "收件地址超区，不可达")
        if STALE_OAID in str(receiver.get("oaid", "")):
            raise business("oaid-expired", "OAID 已过期，请重新获取")

    def _new(self, cp: str, key: str, trade: str, phone: str) -> Row:
        branch = self.storage.one("select * from branch where cp = ?", (cp,))
        if branch is None:
            raise business("cp-not-subscribed", "未订购该物流公司的电子面单服务")
        if branch["type"] == 2:
            if branch["quantity"] <= 0:
                raise business("balance-not-enough", "电子面单余额不足")
            self.storage.execute("update branch set quantity = quantity - 1 where cp = ?", (cp,))
        self.storage.execute("delete from number where key = ?", (key,))
        code = f"75{self.storage.next_number('waybill', 1):012d}"
        self.storage.execute(
            "insert into number (code, cp, key, trade, state, phone) values (?, ?, ?, ?, 'got', ?)",
            (code, cp, key, trade, phone),
        )
        return self._row(cp, code)

    def update(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """cainiao.waybill.ii.update: the same number with another receiver, unless the courier has it."""
        row = self._row(_text(wish, "cp_code"), _text(wish, "waybill_code"))
        if row["state"] == "picked":
            raise business("waybill-already-picked", "面单已揽收，不能修改")
        receiver = _inner(wish, "recipient")
        self._check_receiver(receiver)
        self.storage.execute(
            "update number set version = version + 1, phone = ? where code = ?",
            (str(receiver.get("mobile", "")), row["code"]),
        )
        return {"waybill_code": row["code"], "print_data": _print(self._row(row["cp"], row["code"]))}

    def cancel(self, cp: str, code: str) -> dict[str, Any]:
        """cainiao.waybill.ii.cancel: a prepaid number that was not used comes back to its branch."""
        row = self._row(cp, code)
        if row["state"] == "picked":
            raise business("waybill-already-picked", "面单已揽收，不能取消")
        with self.storage.write():
            self.storage.execute("update number set state = 'cancelled' where code = ?", (code,))
            self.storage.execute("update branch set quantity = quantity + 1 where cp = ? and type = 2", (cp,))
        return {"cancel_result": True}

    def find(self, rows: list[Row], object_id: str) -> dict[str, Any]:
        """An answer of a query: the newest live number, or that there is none."""
        if not rows:
            error = {"error_code": "WAYBILL_NOT_EXIST", "error_message": "面单号不存在", "success": False}
            return {"object_id": object_id, **error}
        inner = {"waybill_code": rows[-1]["code"], "print_data": _print(rows[-1])}
        return {"object_id": object_id, "success": True, "waybill_cloud_print_response": inner}

    def search(self) -> dict[str, Any]:
        """cainiao.waybill.ii.search: what is subscribed, and what is left of prepaid numbers."""
        infos = [
            {"cp_code": row["cp"], "cp_type": row["type"], "branch_account_cols": {"waybill_branch_account": [
                {"branch_code": "B1", "branch_name": "示例网点", "quantity": row["quantity"]}]}}
            for row in self.storage.rows("select * from branch order by cp")
        ]  # fmt: skip
        return {"waybill_apply_subscription_cols": {"waybill_apply_subscription_info": infos}}

    def _row(self, cp: str, code: str) -> Row:
        row = self.storage.one("select * from number where code = ? and cp = ?", (code, cp))
        if row is None or row["state"] == "cancelled":
            raise business("waybill-not-exist", "面单号不存在")
        return row


def _print(row: Row) -> str:
    """What the print component is given: sealed by the platform, so nobody reads a name in it."""
    sealed = {"encryptedData": f"AES:{row['code']}:{row['version']}", "signature": "MD:TWIN", "ver": "twin_1"}
    return json.dumps(sealed)


def _inner(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = tree.get(name)
    if not isinstance(value, dict):
        raise missing(name)
    return value


def _text(tree: Mapping[str, Any], name: str, told: str = "") -> str:
    value = str(tree.get(name, "") or "").strip()
    if not value:
        raise missing(told or name)
    return value


Method = Callable[[Numbers, Mapping[str, str]], dict[str, Any]]
