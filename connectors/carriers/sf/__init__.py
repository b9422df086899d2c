"""SF Express (顺丰): numbers, routes, cancelling and reach over its open platform. Wire formats live beside this one.

Not published, and so settings or guesses named in docs/carriers.md: the meaning of dealType 1, codes of refusals.
"""

from __future__ import annotations

from connectors.carriers.sf import codes, papers
from connectors.carriers.sf.client import Duplicate, Gateway, NoSuchOrder
from connectors.contract import notices as n
from connectors.contract.errors import AuthFailed, BadRecord, OutcomeUnknown, Refused, Retryable
from connectors.contract.families import Carrier, CheckReport, Clock, utc_now
from connectors.contract.http import Http
from connectors.contract.labels import Unreachable
from connectors.contract.manifest import Account, Field, Manifest
from connectors.contract.records import ReceiverRecord

#: A waybill that cannot exist, for trying the credentials.
_CHECK_NUMBER = "SF0000000000000"
CONFIRM, CANCEL = 1, 2


class Sf(Carrier):
    """One SF customer; the carrier goes by SF."""

    manifest = Manifest(
        vendor="sf",
        family="carrier",
        label_zh="顺丰丰桥",
        label_en="SF Express",
        mark="顺",
        gateway="https://sfapi.sf-express.com/std/service",
        fields=(
            Field("partner_id", "顾客编码", "Customer code"),
            Field("checkword", "校验码", "Checkword", secret=True),
            Field("monthly_card", "月结卡号", "Monthly card", required=False),
            Field("product", "快件产品（expressTypeId）", "Product (expressTypeId)", required=False, default="1"),
            Field(
                "pay_method",
                "付款方式",
                "Who pays",
                required=False,
                default="1",
                hint_zh="1 寄付，2 到付，3 第三方",
                hint_en="1 sender, 2 receiver, 3 third party",
            ),
        ),
        calls_per_second=10.0,
    )  # fmt: skip

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self._sf = Gateway(account, self.gateway, self.http, clock)

    def check(self) -> CheckReport:
        """Ask for a parcel that cannot exist: any answer but refused credentials is good."""
        try:
            self.track(n.TrackRequest("SF", _CHECK_NUMBER, "", "0000"))
        except (AuthFailed, Retryable) as error:
            return CheckReport(False, error.words)
        except Refused:
            return CheckReport(True, "connected")
        return CheckReport(True, "connected")

    def request_waybill(self, notice: n.LabelNotice) -> n.Label:
        """EXP_RECE_CREATE_ORDER; an order placed before is looked up. Unreachable when SF filters the address out."""
        try:
            answer = self._sf.call("EXP_RECE_CREATE_ORDER", papers.order(notice, self.account.settings), writes=True)
        except Duplicate as error:
            found = self.find_waybill(n.LabelRef(notice.number, notice.carrier_code))
            if found is None:
                raise OutcomeUnknown("SF has the order and gives the number later", code=error.code) from None
            return found
        if _whole(answer.get("filterResult")) == codes.FILTER_NO:
            raise Unreachable("SF does not go to this address", code=f"filter-{codes.FILTER_NO}")
        label = papers.label_in(answer)
        if label is None:
            raise OutcomeUnknown("SF took the order and gives the number later", code="filterResult")
        return label

    def find_waybill(self, ref: n.LabelRef) -> n.Label | None:
        """EXP_RECE_SEARCH_ORDER_RESP by our number."""
        question = {"searchType": "1", "orderId": ref.number, "language": "zh-CN"}
        try:
            return papers.label_in(self._sf.call("EXP_RECE_SEARCH_ORDER_RESP", question))
        except NoSuchOrder:
            return None

    def change_label(self, notice: n.LabelNotice) -> n.Label:
        """EXP_RECE_UPDATE_ORDER, dealType 1, with the new receiver; LabelInUse once it was collected."""
        papers.require_readable(notice.receiver)
        wish = {
            "orderId": notice.number,
            "dealType": CONFIRM,
            "contactInfoList": [papers.to_receiver(notice.receiver)],
            "waybillNoInfoList": [{"waybillType": 1, "waybillNo": notice.waybill_no}],
        }
        answer = self._sf.call("EXP_RECE_UPDATE_ORDER", wish, writes=True)
        return papers.label_in(answer) or n.Label(notice.waybill_no)

    def cancel_waybill(self, ref: n.LabelRef) -> n.Receipt:
        """EXP_RECE_UPDATE_ORDER, dealType 2; an order that is not there counts as cancelled."""
        try:
            self._sf.call("EXP_RECE_UPDATE_ORDER", {"orderId": ref.number, "dealType": CANCEL}, writes=True)
        except NoSuchOrder as error:
            return n.Receipt(ref.waybill_no, error.words)
        return n.Receipt(ref.waybill_no)

    def reachable(self, carrier_code: str, place: ReceiverRecord) -> n.Reach:
        """EXP_RECE_FILTER_ORDER_BSP; what SF's people have to look at counts as reachable."""
        answer = self._sf.call(
            "EXP_RECE_FILTER_ORDER_BSP", [{"contactInfos": [papers.to_receiver(place)], "filterType": 1}]
        )
        rows = answer.get("rows")
        verdict = _whole((rows[0] if isinstance(rows, list) and rows else answer).get("filterResult"))
        if not verdict:
            raise Retryable("the answer does not say whether it is reachable", code="filterResult")
        return n.Reach(verdict != codes.FILTER_NO, "SF looks at the address by hand" if verdict == 1 else "")

    def track(self, request: n.TrackRequest) -> n.TrackReport:
        """EXP_RECE_SEARCH_ROUTES: the whole trail now; the phone's last four digits prove that it is ours."""
        question = {
            "language": "zh-CN", "trackingType": 1, "trackingNumber": [request.waybill_no], "methodType": 1,
            "checkPhoneNo": request.phone_tail,
        }  # fmt: skip
        answer = self._sf.call("EXP_RECE_SEARCH_ROUTES", question)
        try:
            return papers.report_in(answer, request.waybill_no)
        except BadRecord as error:
            raise Retryable("the answer is not readable", code=error.field) from None


def _whole(value: object) -> int:
    """A code that SF writes as a number or as text; 0 when it is neither."""
    return int(str(value)) if str(value).isdigit() else 0


CONNECTOR = Sf
