"""Pushes from kuaidi100: proves them on the raw param text before anything is parsed."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import parse_qs

from connectors.carriers.kuaidi100.signing import is_genuine
from connectors.carriers.kuaidi100.trails import read_push
from connectors.contract.errors import BadRecord, BadSignature
from connectors.contract.notices import PushAnswer, PushEnvelope, PushRequest, TrackReport

MAX_BYTES = 2 * 1024 * 1024
JSON_TYPE = "application/json; charset=utf-8"
#: Anything else makes the vendor push again, three times.
ACCEPTED = PushAnswer('{"result":true,"returnCode":"200","message":"成功"}'.encode(), JSON_TYPE)


def verify(push: PushRequest, salt: str) -> PushEnvelope:
    """The envelope of a genuine push; BadSignature otherwise.

    Without a salt anybody could sign, so an account without one takes no pushes.
    """
    if len(push.body) > MAX_BYTES:
        raise BadSignature("the push is larger than 2 MB", code="size")
    if not salt:
        raise BadSignature("the account has no salt: set one and subscribe again", code="salt")
    param, given = _form(push.body)
    if not given or not is_genuine(param, salt, given):
        raise BadSignature("the signature does not fit", code="sign")
    key = hashlib.sha256(param.encode("utf-8", "surrogatepass")).hexdigest()
    return PushEnvelope(key=key, topic="track", answer=ACCEPTED, number=_waybill(param))


def read(push: PushRequest) -> TrackReport:
    """The report in a verified push."""
    return read_push(_form(push.body)[0])


def refusal(words: str) -> PushAnswer:
    """The vendor's failure answer."""
    tree = {"result": False, "returnCode": "500", "message": words[:200]}
    return PushAnswer(json.dumps(tree, ensure_ascii=False).encode(), JSON_TYPE)


def _form(body: bytes) -> tuple[str, str]:
    """(param, sign) of the form, exactly as sent; a name given twice is nobody's honest form."""
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError:
        raise BadSignature("the push is not a form", code="form") from None
    param, sign = fields.get("param", []), fields.get("sign", [])
    if len(param) != 1 or len(sign) != 1:
        raise BadSignature("the push lacks param or sign", code="form")
    return param[0], sign[0]


def _waybill(param: str) -> str:
    """The waybill for the envelope; what is unreadable is parked by the reader, not here."""
    try:
        return read_push(param).waybill_no
    except BadRecord:
        return ""
