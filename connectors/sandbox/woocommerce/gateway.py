"""One call of the REST API: its parameters, who makes it, its answer or refusal. No endpoint's own work."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Call
from connectors.sandbox.woocommerce.params import Listing
from connectors.sandbox.woocommerce.refusal import Refusal, answer, missing_params, not_signed_in
from connectors.sandbox.woocommerce.shop import Shop
from connectors.sandbox.woocommerce.signin import Keys, signed_in

EDIT = ("POST", "PUT", "PATCH")
V3 = "/wp-json/wc/v3"
#: What belongs to signing in and is no parameter of a call.
SIGN_IN = re.compile(r"consumer_(key|secret)|oauth_\w+|rest_route")


@dataclass(frozen=True, slots=True)
class Ask:
    """What an endpoint gets: the shop, query and body, numbers out of the path, the address without its query."""

    shop: Shop
    query: Mapping[str, str]
    body: Mapping[str, Any]
    args: Mapping[str, Any]
    address: str

    def number(self, name: str = "id") -> int:
        return int(self.args[name])

    def require(self, *names: str) -> None:
        """Refuse the call when a required parameter is not there."""
        missing = [name for name in names if self.body.get(name) in (None, "")]
        if missing:
            raise missing_params(missing)

    @property
    def places(self) -> int:
        """The decimals asked for by `dp`."""
        text = self.query.get("dp", "")
        return min(int(text), 8) if text.isdecimal() else 2


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A route: `name` is what faults and counters call it; a public one needs nobody signed in."""

    name: str
    methods: tuple[str, ...]
    path: str
    work: Callable[[Ask], Response]
    public: bool = False


def make_call(shop: Shop, keys: Keys, endpoint: Endpoint, request: Request, args: Mapping[str, Any]) -> Call:
    """Answer one call as WordPress would, a refusal included."""
    try:
        known = signed_in(request, keys, shop.market.storage, shop.market.now_ms() / 1000)
        if not known and not endpoint.public:
            raise not_signed_in(_action(endpoint, request.method), endpoint.name.endswith(".list"))
        ask = Ask(shop, _query(request), _body(request), args, request.base_url)
        return Call(_chosen_fields(endpoint.work(ask), ask.query.get("_fields", "")))
    except Refusal as refusal:
        return Call(refusal.response(), f"error {refusal.code}")


def paged(ask: Ask, listing: Listing, documents: list[Any], total: int) -> Response:
    """A page of a list, with the headers that tell how many there are and where the next page is."""
    pages = -(-total // listing.per_page)
    response = answer(documents)
    response.headers["X-WP-Total"] = str(total)
    response.headers["X-WP-TotalPages"] = str(pages)
    links = {"prev": min(listing.page - 1, pages) if listing.page > 1 else 0,
             "next": listing.page + 1 if listing.page < pages else 0}  # fmt: skip
    told = [f'<{_page_address(ask, page)}>; rel="{rel}"' for rel, page in links.items() if page]
    if told:
        response.headers["Link"] = ", ".join(told)
    return response


def _page_address(ask: Ask, page: int) -> str:
    return f"{ask.address}?{urlencode({**ask.query, 'page': page})}"


def _action(endpoint: Endpoint, method: str) -> str:
    return "PUT" if endpoint.name.endswith(".update") else method


def _query(request: Request) -> dict[str, str]:
    """Parameters of the address; `status[]=a&status[1]=b` becomes a comma list, keys and signatures are left out."""
    found: dict[str, str] = {}
    for name, values in request.args.lists():
        plain = re.sub(r"\[\d*\]$", "", name)
        if not SIGN_IN.fullmatch(plain):
            found[plain] = ",".join(filter(None, (found.get(plain, ""), *values)))
    return found


def _body(request: Request) -> dict[str, Any]:
    """The parameters of the body; form fields when it is not sent as JSON."""
    if request.method in ("GET", "HEAD") or not request.get_data():
        return {}
    if not request.is_json:
        return dict(request.form.items())
    try:
        body = json.loads(request.get_data())
    except ValueError:
        told = {"status": 400, "json_error_code": 4, "json_error_message": "Syntax error"}
        raise Refusal(400, "rest_invalid_json", "Invalid JSON body passed.", told) from None
    return body if isinstance(body, dict) else {}


def _chosen_fields(response: Response, fields: str) -> Response:
    """The parameter `_fields`: only these top-level fields of each document."""
    if not fields or response.status_code >= 300:
        return response
    wanted = {name.strip().partition(".")[0] for name in fields.split(",")}
    told = json.loads(response.get_data())
    kept = [_only(item, wanted) for item in told] if isinstance(told, list) else _only(told, wanted)
    response.set_data(answer(kept).get_data())
    return response


def _only(document: Mapping[str, Any], wanted: set[str]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name in wanted}
