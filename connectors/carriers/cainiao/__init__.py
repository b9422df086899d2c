"""Cainiao (菜鸟): e-waybills of many carriers over the TOP gateway. Wire formats live in the modules beside this one.

Sub-codes of refusals are not published: what they mean is read off their words (codes.py).
"""

from __future__ import annotations

from typing import Any

from connectors.carriers.cainiao import papers
from connectors.carriers.cainiao.client import Gateway
from connectors.carriers.cainiao.codes import CARRIERS, is_unknown_number
from connectors.contract import notices as n
from connectors.contract.errors import AuthFailed, BadRecord, OutcomeUnknown, Refused, Retryable
from connectors.contract.families import Carrier, CheckReport, Clock, utc_now
from connectors.contract.http import Http
from connectors.contract.manifest import Account, Field, Manifest
from connectors.contract.records import ReceiverRecord


class Cainiao(Carrier):
    """One Cainiao account; carriers go by the hub's codes."""

    opens = papers.TOKENS
    manifest = Manifest(
        vendor="cainiao",
        family="carrier",
        label_zh="菜鸟电子面单",
        label_en="Cainiao e-waybills",
        mark="菜",
        gateway="https://eco.taobao.com/router/rest",
        fields=(
            Field("app_key", "应用 App Key", "App key"),
            Field("app_secret", "应用 App Secret", "App secret", secret=True),
            Field("session", "授权 Session", "Session", secret=True),
            Field(
                "user_id", "使用者 ID", "User id", hint_zh="商家的淘宝数字 ID", hint_en="the seller's number at Taobao"
            ),
            Field(
                "carriers",
                "承运商对照",
                "Extra carriers",
                required=False,
                hint_zh="编码与菜鸟不同的，如 JT=JTSD,HTKY=BEST",
                hint_en="those that Cainiao names otherwise, e.g. JT=JTSD",
            ),
        ),
        calls_per_second=20.0,
    )

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self._top = Gateway(account, self.gateway, self.http, clock)

    def check(self) -> CheckReport:
        """Read the subscriptions: an account without any cannot print."""
        try:
            left = self.balance()
        except (AuthFailed, Refused, Retryable) as error:
            return CheckReport(False, error.words)
        if not left:
            return CheckReport(False, "no carrier is subscribed: order the service of a carrier at Cainiao first")
        return CheckReport(True, f"{len(left)} carriers are subscribed")

    def request_waybill(self, notice: n.LabelNotice) -> n.Label:
        """cainiao.waybill.ii.get: keyed by account, orders and package id, so asking again gives the same number."""
        wish = papers.application(notice, self._cp_code(notice.carrier_code), self.account.settings.get("user_id", ""))
        answer = self._top.write("cainiao.waybill.ii.get", param_waybill_cloud_print_apply_new_request=wish)
        return self._with_template(self._label_of(answer), notice)

    def find_waybill(self, ref: n.LabelRef) -> n.Label | None:
        """By the number itself; None where it is not known, and then ii.get gives it once more.

        Cainiao can be asked by orders, too, but does not say which package of them a number is for.
        """
        if not ref.waybill_no:
            return None
        question = {
            "cp_code": self._cp_code(ref.carrier_code),
            "waybill_code": ref.waybill_no,
            "object_id": papers.OBJECT,
        }
        try:
            return papers.label_found(self._top.read("cainiao.waybill.ii.query.by.waybillcode", param_list=[question]))
        except Refused as error:
            if is_unknown_number(error.code, error.words):
                return None
            raise

    def change_label(self, notice: n.LabelNotice) -> n.Label:
        """cainiao.waybill.ii.update with the new receiver; the number stays."""
        wish = papers.change(notice, self._cp_code(notice.carrier_code))
        answer = self._top.write("cainiao.waybill.ii.update", param_waybill_cloud_print_update_request=wish)
        data = str(answer.get("print_data") or "")
        if not data:
            raise OutcomeUnknown("the answer has no print data", code="print_data")
        number = str(answer.get("waybill_code") or notice.waybill_no)
        return self._with_template(n.Label(number, data), notice)

    def cancel_waybill(self, ref: n.LabelRef) -> n.Receipt:
        """cainiao.waybill.ii.cancel; a number that is gone already counts as cancelled."""
        try:
            answer = self._top.write(
                "cainiao.waybill.ii.cancel", cp_code=self._cp_code(ref.carrier_code), waybill_code=ref.waybill_no
            )
        except Refused as error:
            if is_unknown_number(error.code, error.words):
                return n.Receipt(ref.waybill_no, error.words)
            raise
        if answer.get("cancel_result") not in (True, "true"):
            raise Refused("the number was not cancelled: it may have been collected", code="cancel_result")
        return n.Receipt(ref.waybill_no)

    def balance(self) -> tuple[n.NumbersLeft, ...]:
        """cainiao.waybill.ii.search: what each subscribed carrier has left, its branches added up."""
        own = {code: ours for ours, code in self._codes().items()}
        rows = papers.numbers_in(self._top.read("cainiao.waybill.ii.search"))
        return tuple(
            n.NumbersLeft(own.get(row.carrier_code, row.carrier_code), row.numbers, row.branch_code) for row in rows
        )

    def reachable(self, carrier_code: str, place: ReceiverRecord) -> n.Reach:
        """cainiao.waybill.address.reachable.query for one carrier."""
        code = self._cp_code(carrier_code)
        answer = self._top.read(
            "cainiao.waybill.address.reachable.query",
            reachable_recommend_request_dto={"cp_code": code, "address": papers.place_of(place)},
        )
        found = answer.get("result")
        module = found.get("module") if isinstance(found, dict) else None
        if not isinstance(module, dict) or "reachable" not in module:
            raise Retryable("the answer does not say whether it is reachable", code="reachable")
        return n.Reach(module["reachable"] in (True, "true"), str(module.get("interrupt_reason") or ""))

    def _label_of(self, answer: dict[str, Any]) -> n.Label:
        try:
            return papers.label_in(answer)
        except BadRecord as error:
            raise OutcomeUnknown("the answer holds no number", code=error.field) from None

    @staticmethod
    def _with_template(label: n.Label, notice: n.LabelNotice) -> n.Label:
        return n.Label(label.waybill_no, label.print_data, label.parent_no, notice.template_url)

    def _cp_code(self, carrier_code: str) -> str:
        return self._codes().get(carrier_code, carrier_code)

    def _codes(self) -> dict[str, str]:
        """The account's additions to the table, as "JT=JTSD,…"."""
        pairs = (pair.partition("=") for pair in self.account.settings.get("carriers", "").split(","))
        return CARRIERS | {ours.strip(): code.strip() for ours, _, code in pairs if code.strip()}


CONNECTOR = Cainiao
