"""Where other systems push to us: the raw request goes on untouched, and the vendor's exact answer comes back."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from connectors.contract.notices import PushAnswer, PushRequest
from oms.api.access import hub, open_to_all
from oms.app.capture import pushes

LARGEST = 2 * 1024 * 1024
blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")


@blueprint.post("/<family>/<vendor>/<token>")
@open_to_all("the token names the account, and its connector verifies the signature on the raw body")
def receive(family: str, vendor: str, token: str) -> Response:
    """Take in a push: it is stored before it is answered."""
    request.max_content_length = LARGEST
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _answer(pushes.refuse(hub(), family, vendor, token, "the body is larger than 2 MB"))
    push = PushRequest(
        method=request.method,
        path=request.path,
        query=request.args.to_dict(),
        headers=dict(request.headers),
        body=body,
        received_at=hub().clock(),
    )
    return _answer(pushes.receive(hub(), family, vendor, token, push))


def _answer(answer: PushAnswer) -> Response:
    return Response(answer.body, answer.status, content_type=answer.content_type)
