"""kuaidi100 (快递100): follows parcels of many carriers. Wire formats live in the modules beside this one."""

from __future__ import annotations

from typing import Any

from connectors.carriers.kuaidi100 import codes, pushes
from connectors.carriers.kuaidi100.client import Kuaidi100Client
from connectors.carriers.kuaidi100.trails import read_answer
from connectors.contract import notices as n
from connectors.contract.errors import AuthFailed, BadRecord, Refused, Retryable
from connectors.contract.families import Carrier, CheckReport, Clock, utc_now
from connectors.contract.http import Http
from connectors.contract.manifest import Account, Field, Manifest

#: A waybill that cannot exist, for trying the credentials.
_CHECK_NUMBER = "75000000000000"
_WAYBILL_LENGTH = 32


class Kuaidi100(Carrier):
    """One kuaidi100 account; carriers go by the hub's codes."""

    manifest = Manifest(
        vendor="kuaidi100",
        family="carrier",
        label_zh="快递100",
        label_en="kuaidi100",
        mark="百",
        gateway="https://poll.kuaidi100.com",
        fields=(
            Field("customer", "客户编码", "Customer"),
            Field("key", "授权密钥", "Key", secret=True),
            Field(
                "salt",
                "推送签名盐",
                "Push salt",
                secret=True,
                hint_zh="自定，订阅时登记",
                hint_en="of your own choice, registered with each subscription",
            ),
            Field(
                "companies",
                "承运商对照",
                "Extra carriers",
                required=False,
                hint_zh="如 UC=youshuwuliu,GTO=guotongkuaidi",
                hint_en="e.g. UC=youshuwuliu,GTO=guotongkuaidi",
            ),
        ),
        calls_per_second=10.0,
    )

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self._client = Kuaidi100Client(account, self.gateway, self.http)

    def check(self) -> CheckReport:
        """Query a parcel that cannot exist: any answer but a refused key is good."""
        try:
            self._client.query(self._query_param(n.TrackRequest("ZTO", _CHECK_NUMBER, "")))
        except AuthFailed as error:
            return CheckReport(False, error.words)
        except (Refused, Retryable) as error:
            # Whoever answers with a return code has accepted the key; transport codes are words.
            reached = error.code.isdigit()
            return CheckReport(reached, "connected" if reached else f"{error.words}: check the gateway address")
        return CheckReport(True, "connected")

    def subscribe(self, request: n.TrackRequest) -> n.Receipt:
        """POST /poll with our salt; a carrier the vendor has no company for is left to its own detection."""
        company = self._company(request.carrier_code)
        self._check_phone(company, request)
        if not 0 < len(request.waybill_no) <= _WAYBILL_LENGTH:
            raise BadRecord(f"is not 1 to {_WAYBILL_LENGTH} characters long", field="waybill_no")
        parameters = {
            "callbackurl": request.callback_url,
            "salt": self.account.secrets.get("salt", ""),
            "resultv2": "4",
            "autoCom": "0" if company else "1",
            "interCom": "0",
            "phone": request.phone_tail,
        }
        answer = self._client.subscribe(
            {
                "company": company,
                "number": request.waybill_no,
                "from": request.origin,
                "to": request.destination,
                "key": self.account.secrets.get("key", ""),
                "parameters": parameters,
            }
        )
        return n.Receipt(request.waybill_no, str(answer.get("message") or ""))

    def track(self, request: n.TrackRequest) -> n.TrackReport:
        """POST /poll/query.do: the whole trail now."""
        self._check_phone(self._company(request.carrier_code), request)
        answer = self._client.query(self._query_param(request))
        try:
            return self._with_own_carriers(read_answer({"nu": request.waybill_no} | answer))
        except BadRecord as error:
            raise Retryable("the answer is not readable", code=error.field) from None

    def verify_push(self, push: n.PushRequest) -> n.PushEnvelope:
        """Signature over the raw param text with our salt."""
        return pushes.verify(push, self.account.secrets.get("salt", ""))

    def parse_push(self, push: n.PushRequest) -> n.TrackReport:
        """The whole trail; an aborted one says so and may be subscribed again after 30 minutes."""
        return self._with_own_carriers(pushes.read(push))

    def refuse_push(self, words: str) -> n.PushAnswer:
        """The vendor's failure answer."""
        return pushes.refusal(words)

    def _query_param(self, request: n.TrackRequest) -> dict[str, Any]:
        route = {"from": request.origin, "to": request.destination}
        return {
            "com": self._company(request.carrier_code),
            "num": request.waybill_no,
            "phone": request.phone_tail,
            **{name: place for name, place in route.items() if place},
            "resultv2": "4",
            "show": "0",
            "order": "desc",
        }

    def _check_phone(self, company: str, request: n.TrackRequest) -> None:
        if company in codes.WANTS_PHONE and not request.phone_tail:
            raise Refused("this carrier gives no trail without the last four digits of a phone", code="phone")

    def _company(self, carrier_code: str) -> str:
        return self._own_companies().get(carrier_code) or codes.COMPANIES.get(carrier_code, "")

    def _own_companies(self) -> dict[str, str]:
        """The account's additions to the table, as "UC=youshuwuliu,…"."""
        pairs = (pair.partition("=") for pair in self.account.settings.get("companies", "").split(","))
        return {carrier.strip(): company.strip() for carrier, _, company in pairs if company.strip()}

    def _with_own_carriers(self, report: n.TrackReport) -> n.TrackReport:
        own = {company: carrier for carrier, company in self._own_companies().items()}
        if report.carrier_code not in own:
            return report
        return n.TrackReport(
            own[report.carrier_code],
            report.waybill_no,
            report.state,
            report.events,
            report.ended,
            report.aborted,
            report.alerts,
        )


CONNECTOR = Kuaidi100
