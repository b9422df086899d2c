"""Reading orders: the search by change or by creation, the single order, and the older calls for personal fields."""

from __future__ import annotations

import base64
import json
from typing import Any

from connectors.sandbox.amazon.clock import ms_of, text_of
from connectors.sandbox.amazon.errors import ApiError, denied, invalid
from connectors.sandbox.amazon.order_docs import DATA_SETS, address_of, masked_mail, order_of
from connectors.sandbox.amazon.shop import Asked, Doc, Operation, Shop
from connectors.sandbox.amazon.states import STATUS_SQL, STATUSES
from connectors.sandbox.amazon.tokens import restricted_resources

END_LAG_S = 120
TOKEN_LIFE_MS = 86_400_000
TWO_YEARS_MS = 2 * 365 * 86_400_000
STAMPS = {"created": "created_ms", "lastUpdated": "changed_ms"}
BY = frozenset({"MERCHANT", "AMAZON"})


def search(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    """Orders changed or created in a window, the oldest first; a token goes on behind the last order told."""
    wanted = asked.names("includedData", 20, DATA_SETS)
    size = asked.number("maxResultsPerPage", 100, 1, 100)
    token = asked.text("paginationToken")
    window = _window_of(shop, asked) if not token else _goes_on(shop, asked, token)
    where, args = _filters(shop, asked)
    after_ms, after_no = window["after"]
    stamp = STAMPS[window["by"]]
    where += f" and ({stamp} > ? or ({stamp} = ? and number > ?))"
    rows = shop.market.shelves.list_sales(
        stamp, window["since"], window["until"], 0, size, where=where, args=(*args, after_ms, after_ms, after_no)
    )
    told: Doc = {"orders": [order_of(shop, sale, wanted) for sale in rows.found]}
    told[f"{window['by']}Before"] = text_of(window["until"])
    if rows.total > size and rows.found:
        last = rows.found[-1]
        told["pagination"] = {"nextToken": _sealed({**window, "after": [last.doc[stamp], last.number]})}
    return 200, told


def get_order(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    wanted = asked.names("includedData", 20, DATA_SETS)
    return 200, {"order": order_of(shop, shop.order(asked.path["order"]), wanted)}


def restrict(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    """A token for the older calls that tell personal fields."""
    return 200, shop.tokens.restrict(restricted_resources(asked.body()))


def address(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    """The older call for the address; personal fields only with a restricted token."""
    sale = shop.order(asked.path["order"])
    full = address_of(sale.doc)
    names = {"stateOrRegion": "StateOrRegion", "postalCode": "PostalCode", "city": "City", "countryCode": "CountryCode"}
    if _may_see(shop, asked):
        names |= {"name": "Name", "addressLine1": "AddressLine1", "addressLine2": "AddressLine2",
                  "districtOrCounty": "County", "phone": "Phone"}  # fmt: skip
    told = {new: full[old] for old, new in names.items()}
    return 200, {"payload": {"AmazonOrderId": sale.number, "ShippingAddress": told}}


def buyer(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    """The older call for the buyer; refused without a restricted token."""
    sale = shop.order(asked.path["order"])
    if not _may_see(shop, asked):
        raise denied("A restricted data token is needed for this resource.")
    told = {"BuyerEmail": masked_mail(shop, sale.doc), "BuyerName": sale.doc["receiver"]["name"]}
    return 200, {"payload": {"AmazonOrderId": sale.number, **told}}


def _may_see(shop: Shop, asked: Asked) -> bool:
    return shop.tokens.is_restricted(asked.request.headers.get("x-amz-access-token", ""))


def _window_of(shop: Shop, asked: Asked) -> Doc:
    """The bounds asked for; exactly one of the two stamps, the end two minutes ago at the latest."""
    given = [by for by in STAMPS if asked.text(f"{by}After")]
    if len(given) != 1:
        raise invalid("Exactly one of createdAfter and lastUpdatedAfter must be provided.")
    by = given[0]
    other = next(name for name in STAMPS if name != by)
    if asked.text(f"{other}Before"):
        raise invalid(f"{other}Before may not be provided with {by}After.")
    since = ms_of(asked.text(f"{by}After"), f"{by}After")
    latest = shop.market.now_ms() - round(float(shop.settings.get("end_lag", END_LAG_S)) * 1000)
    until = ms_of(asked.text(f"{by}Before"), f"{by}Before") if asked.text(f"{by}Before") else max(latest, since)
    if until < since:
        raise invalid(f"{by}Before must be equal to or after {by}After.")
    if asked.text(f"{by}Before") and until > latest:
        raise invalid(f"{by}Before must be at least two minutes before the time of the request.")
    if since < shop.market.now_ms() - TWO_YEARS_MS:
        raise invalid(f"{by}After must be within the last two years.")
    return {"by": by, "since": since, "until": until, "after": [-1, ""], "made": shop.market.now_ms()}


def _goes_on(shop: Shop, asked: Asked, token: str) -> Doc:
    """The window of a token; a window given beside it must be the same."""
    try:
        window: Doc = json.loads(base64.urlsafe_b64decode(token.encode()))
        since = window["since"]
    except (ValueError, KeyError, TypeError):
        raise invalid("paginationToken is not valid.") from None
    if shop.market.now_ms() - window["made"] > TOKEN_LIFE_MS:
        raise invalid("paginationToken has expired.")
    for by in STAMPS:
        text = asked.text(f"{by}After")
        if text and (by != window["by"] or ms_of(text, f"{by}After") != since):
            raise invalid("paginationToken belongs to a request with other parameters.")
    return window


def _filters(shop: Shop, asked: Asked) -> tuple[str, list[Any]]:
    where, args = ["1"], list[Any]()
    if (wanted := asked.names("marketplaceIds", 50)) and shop.marketplace not in wanted:
        raise ApiError(403, "Unauthorized", "Access to requested resource is denied.", "marketplaceIds")
    if statuses := asked.names("fulfillmentStatuses", 10, STATUSES):
        where.append(f"({STATUS_SQL}) in ({', '.join('?' * len(statuses))})")
        args += statuses
    if len(by := asked.names("fulfilledBy", 2, BY)) == 1:
        where.append("json_extract(doc, '$.by_platform') = ?")
        args.append(int(by[0] == "AMAZON"))
    return " and ".join(where), args


def _sealed(window: Doc) -> str:
    return base64.urlsafe_b64encode(json.dumps(window).encode()).decode()


OPERATIONS = (
    Operation("searchOrders", "GET", "/orders/2026-01-01/orders", 0.0056, 20, search),
    Operation("getOrder", "GET", "/orders/2026-01-01/orders/<order>", 0.5, 30, get_order),
    Operation("createRestrictedDataToken", "POST", "/tokens/2021-03-01/restrictedDataToken", 1, 10, restrict),
    Operation("getOrderAddress", "GET", "/orders/v0/orders/<order>/address", 0.5, 30, address),
    Operation("getOrderBuyerInfo", "GET", "/orders/v0/orders/<order>/buyerInfo", 0.5, 30, buyer),
)
