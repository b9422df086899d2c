"""EasyPost: follows parcels of carriers all over the world, by question and by webhook."""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata

import orjson

from connectors.carriers.easypost.codes import CARRIERS
from connectors.carriers.easypost.trackers import report_of, tracker_in
from connectors.contract import notices as n
from connectors.contract import reading as r
from connectors.contract.errors import AuthFailed, BadRecord, BadSignature, ConnectorError, Refused, Retryable
from connectors.contract.families import Carrier, CheckReport, Clock, utc_now
from connectors.contract.http import Answer, Http
from connectors.contract.manifest import Account, Field, Manifest

MAX_BYTES = 2 * 1024 * 1024
ACCEPTED = n.PushAnswer(b"{}", "application/json")


class EasyPost(Carrier):
    """One EasyPost account; carriers go by the hub's codes.

    A code is not unique in the world, so a tracker is always made with its carrier. Making one again answers the same.
    """

    manifest = Manifest(
        vendor="easypost",
        family="carrier",
        label_zh="EasyPost 国际跟踪",
        label_en="EasyPost",
        mark="E",
        gateway="https://api.easypost.com",
        fields=(
            Field("api_key", "接口密钥", "API key", secret=True),
            Field(
                "webhook_secret",
                "推送密钥",
                "Webhook secret",
                secret=True,
                required=False,
                hint_zh="在 EasyPost 建推送时自定",
                hint_en="the one given when the webhook was made",
            ),
            Field(
                "carriers",
                "承运商对照",
                "Extra carriers",
                required=False,
                hint_zh="如 ARAMEX=Aramex",
                hint_en="e.g. ARAMEX=Aramex",
            ),
        ),
        calls_per_second=5.0,
    )

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        token = base64.b64encode(f"{account.secrets.get('api_key', '')}:".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}

    def check(self) -> CheckReport:
        """List one tracker: any answer but a refused key is good."""
        try:
            self.http.get(f"{self._base}/v2/trackers", params={"page_size": "1"}, headers=self._headers)
        except ConnectorError as error:
            return CheckReport(False, self._scrubbed(error.words))
        return CheckReport(True, "connected")

    def subscribe(self, request: n.TrackRequest) -> n.Receipt:
        """POST /v2/trackers; news come by the account's webhook."""
        tracker = self._tracker(request)
        return n.Receipt(r.text(tracker, "id"))

    def track(self, request: n.TrackRequest) -> n.TrackReport:
        """POST /v2/trackers: the same tracker as before with its whole trail."""
        try:
            return report_of(self._tracker(request), self._own())
        except BadRecord as error:
            raise Retryable("the answer is not readable", code=error.field) from None

    def verify_push(self, push: n.PushRequest) -> n.PushEnvelope:
        """HMAC-SHA256 over the raw body; without a webhook secret anybody could sign, so nothing is taken."""
        secret = self.account.secrets.get("webhook_secret", "")
        if len(push.body) > MAX_BYTES:
            raise BadSignature("the push is larger than 2 MB", code="size")
        if not secret:
            raise BadSignature("the account has no webhook secret: set one here and at EasyPost", code="secret")
        given = next((value for name, value in push.headers.items() if name.lower() == "x-hmac-signature"), "")
        key = unicodedata.normalize("NFKD", secret).encode()
        wanted = hmac.new(key, push.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(given.rpartition("=")[2].lower().encode("utf-8", "replace"), wanted.encode()):
            raise BadSignature("the signature does not fit", code="sign")
        try:
            event = r.tree(push.body, "event")
            number = r.text(tracker_in(event), "tracking_code")
            key_text = r.text(event, "id")
        except BadRecord:
            number, key_text = "", ""
        # An event is sent again under its own id, whatever has become of the tracker meanwhile.
        return n.PushEnvelope(key_text or hashlib.sha256(push.body).hexdigest(), "track", ACCEPTED, number)

    def parse_push(self, push: n.PushRequest) -> n.PushReport:
        """The tracker in a `tracker.…` event; events of other things tell nothing."""
        tracker = tracker_in(r.tree(push.body, "event"))
        return report_of(tracker, self._own()) if tracker is not r.EMPTY else None

    @property
    def _base(self) -> str:
        return self.gateway.rstrip("/")

    def _tracker(self, request: n.TrackRequest) -> r.Json:
        wish = {"tracker": {"tracking_code": request.waybill_no, "carrier": self._name(request.carrier_code)}}
        try:
            answer = self.http.post(
                f"{self._base}/v2/trackers", body=orjson.dumps(wish), headers=self._headers, reading=_refusal
            )
            return r.tree(answer.body, "tracker")
        except BadRecord:
            raise Retryable("the answer is not readable", code="json") from None
        except ConnectorError as error:
            error.words = self._scrubbed(error.words)
            error.args = (f"{error.words} [{error.code}]" if error.code else error.words,)
            raise error from None

    def _name(self, carrier_code: str) -> str:
        return {ours: name for name, ours in self._own().items()}.get(carrier_code, carrier_code)

    def _own(self) -> dict[str, str]:
        """EasyPost's names → the hub's codes, with the account's additions "ARAMEX=Aramex,…"."""
        pairs = (pair.partition("=") for pair in self.account.settings.get("carriers", "").split(","))
        added = {ours.strip(): name.strip() for ours, _, name in pairs if name.strip()}
        return {name: ours for ours, name in (CARRIERS | added).items()}

    def _scrubbed(self, words: str) -> str:
        for secret in filter(None, self.account.secrets.values()):
            words = words.replace(secret, "***")
        return words[:500]


def _refusal(answer: Answer) -> ConnectorError | None:
    """EasyPost explains itself in `error: {code, message}`; 401 and 429 are sorted by their status."""
    if answer.status in (401, 403):
        return AuthFailed("check the API key", code=f"http-{answer.status}")
    if answer.status >= 500 or answer.status == 429:
        return None
    try:
        error = r.inner(r.tree(answer.body, "error"), "error")
        return Refused(r.text(error, "message") or "refused without a word", code=r.text(error, "code"))
    except BadRecord:
        return None


CONNECTOR = EasyPost
