"""The GraphQL endpoint: version, token, document, cost, then the fields; every answer tells what it cost."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from werkzeug.wrappers import Request, Response

from connectors.sandbox.kit import Call, json_answer
from connectors.sandbox.kit.gql.checking import Checker
from connectors.sandbox.kit.gql.cost import Costing
from connectors.sandbox.kit.gql.inputs import variables_of
from connectors.sandbox.kit.gql.lexing import SyntaxFault
from connectors.sandbox.kit.gql.parsing import parse
from connectors.sandbox.kit.gql.refusing import Error, FieldRefusal, Refusal
from connectors.sandbox.kit.gql.running import Resolver, Run
from connectors.sandbox.kit.gql.tree import Document, Field, Operation
from connectors.sandbox.shopify import access
from connectors.sandbox.shopify.mutations import MUTATIONS, perform
from connectors.sandbox.shopify.queries import QUERIES
from connectors.sandbox.shopify.schema import schema
from connectors.sandbox.shopify.shop import Shop
from connectors.sandbox.shopify.throttle import Bucket

Doc = dict[str, Any]
VERSIONS = ("2025-10", "2026-01", "2026-04", "2026-07", "2026-10", "unstable")
LIMITS_PAGE = "https://shopify.dev/api/usage/rate-limits"
BAD_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105 - words
LARGEST_COST = 1000


def served_version(asked: str) -> str | None:
    """The version that answers: a retired one falls forward to the oldest supported, nonsense is not found."""
    if asked in VERSIONS:
        return asked
    year, dash, month = asked.partition("-")
    is_past = dash and year.isdigit() and month in ("01", "04", "07", "10") and asked < VERSIONS[0]
    return VERSIONS[0] if is_past else None


class Gateway:
    """Answers GraphQL requests of one app to one shop."""

    def __init__(self, shop: Shop, keys: Mapping[str, str], bucket: Bucket) -> None:
        self._shop = shop
        self._keys = keys
        self._bucket = bucket

    def read(self, request: Request) -> tuple[Doc, str]:
        """The request's body and the names of its root fields, by which calls are counted and faults drawn."""
        body = _body(request)
        try:
            operation = _chosen(_parsed(str(body.get("query") or "")), body.get("operationName"))
        except (SyntaxFault, Refusal):
            return body, "(unreadable)"
        names = [found.name for found in operation.selections if isinstance(found, Field)]
        return body, "+".join(names) or "(fragments)"

    def answer(self, request: Request, version: str, body: Doc) -> Call:
        """One request from token to envelope."""
        served = served_version(version)
        if served is None:
            return Call(json_answer({"errors": "Not Found"}, 404), "error 404")
        if not access.is_valid(self._shop, self._keys, request.headers.get("X-Shopify-Access-Token", "")):
            return Call(json_answer({"errors": BAD_TOKEN}, 401), "error 401")
        if request.mimetype not in ("application/json", "application/graphql"):
            return Call(json_answer({"errors": "Unsupported Media Type"}, 415), "error 415")
        if not isinstance(body.get("query"), str):
            return Call(json_answer({"errors": {"query": "Required parameter missing or invalid"}}, 400), "error 400")
        self._shop.version = served
        found, outcome = self._run(body)
        response = json_answer(found)
        response.headers["X-Shopify-API-Version"] = served
        response.headers["X-Request-Id"] = str(uuid.uuid4())
        return Call(response, outcome)

    def throttled(self, seconds: int) -> Response:
        """The answer to calling too often, from which a wait of so many seconds follows; 0: a bare 429."""
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": LIMITS_PAGE}}
        if not seconds:
            return json_answer({"errors": [error]}, 429)
        cost = self._cost(0, None)
        cost["requestedQueryCost"] = int(seconds * self._bucket.rate)
        cost["throttleStatus"]["currentlyAvailable"] = 0
        return json_answer({"errors": [error], "extensions": {"cost": cost}})

    def _run(self, body: Doc) -> tuple[Doc, str]:
        try:
            document = _parsed(body["query"])
            operation = _chosen(document, body.get("operationName"))
            errors = _checked(body["query"], operation.name)
            if errors:
                raise Refusal(errors)
            variables = variables_of(schema(), operation, body.get("variables") or {})
            cost = Costing(schema(), document, variables).of(operation)
            self._check_cost(cost)
        except SyntaxFault as fault:
            place = {"line": fault.at[0], "column": fault.at[1]}
            return {"errors": [{"message": str(fault), "locations": [place]}]}, "error syntax"
        except Refusal as refusal:
            first = refusal.errors[0].get("extensions", {}).get("code", "")
            return {"errors": refusal.errors}, f"error {first}"
        if not self._bucket.take(cost):
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": LIMITS_PAGE}}
            return {"errors": [error], "extensions": {"cost": self._cost(cost, None)}}, "error THROTTLED"
        return self._execute(document, operation, variables, cost)

    def _execute(self, document: Document, operation: Operation, variables: Doc, cost: int) -> tuple[Doc, str]:
        run = Run(schema(), document, operation, variables, self._resolvers(operation.kind))
        actual = min(cost, max(1, run.points))
        self._bucket.give_back(cost - actual)
        found: Doc = {"data": run.answer}
        if run.errors:
            found["errors"] = run.errors
        found["extensions"] = {"cost": self._cost(cost, actual)}
        return found, _outcome(found)

    def _resolvers(self, kind: str) -> dict[str, Resolver]:
        if kind == "mutation":
            return {name: self._allowed(name, partial(perform, self._shop, name)) for name in MUTATIONS}
        return {
            name: self._allowed(name, lambda args, directives, query=query: query(self._shop, args))
            for name, query in QUERIES.items()
        }

    def _allowed(self, name: str, resolver: Callable[..., Any]) -> Resolver:
        def guarded(args: Doc, directives: Mapping[str, Mapping[str, Any]]) -> Any:
            if scope := access.missing_scope(self._shop, name):
                raise FieldRefusal(
                    f"Access denied for {name} field. Required access: `{scope}` access scope.", "ACCESS_DENIED",
                    documentation="https://shopify.dev/api/usage/access-scopes",
                    requiredAccess=f"`{scope}` access scope.",
                )  # fmt: skip
            return resolver(args, directives)

        return guarded

    def _check_cost(self, cost: int) -> None:
        most = int(self._shop.settings.get("max_query_cost", LARGEST_COST))
        if cost > most:
            words = f"Query cost is {cost}, which exceeds the single query max cost limit ({most})."
            extensions = {"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": most, "documentation": LIMITS_PAGE}
            raise Refusal([{"message": words, "extensions": extensions}])

    def _cost(self, requested: int, actual: int | None) -> Doc:
        status = {"maximumAvailable": self._bucket.size, "currentlyAvailable": self._bucket.available(),
                  "restoreRate": self._bucket.rate}  # fmt: skip
        return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}


def _body(request: Request) -> Doc:
    """The request's JSON object, or an empty one."""
    if request.mimetype == "application/graphql":
        return {"query": request.get_data(as_text=True)}
    try:
        found = json.loads(request.get_data())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@lru_cache(maxsize=256)
def _parsed(text: str) -> Document:
    """The tree of a document; clients send the same few again and again."""
    return parse(text)


@lru_cache(maxsize=256)
def _checked(text: str, operation: str) -> list[Error]:
    """What does not fit the schema, by document and operation."""
    document = _parsed(text)
    return Checker(schema(), document, _chosen(document, operation)).errors


def _chosen(document: Document, name: str | None) -> Operation:
    """The operation to run, by name when there are several."""
    found = [one for one in document.operations if name in (None, "", one.name)]
    if len(found) != 1 or found[0].kind == "subscription":
        words = f'No operation named "{name}"' if name else "An operation name is required"
        raise Refusal([{"message": words, "extensions": {"code": "BAD_REQUEST"}}])
    return found[0]


def _outcome(found: Doc) -> str:
    """The word under which an answer is counted: the first error's code, or that of the first userError."""
    if found.get("errors"):
        return f"error {found['errors'][0]['extensions'].get('code', '')}"
    for part in found["data"].values():
        told = (part.get("userErrors") or part.get("orderCancelUserErrors")) if isinstance(part, dict) else None
        if told:
            return f"refused {told[0].get('code') or ''}".strip()
    return "ok"
