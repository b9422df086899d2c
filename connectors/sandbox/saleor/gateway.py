"""The GraphQL endpoint: token, document, cost, then the fields; errors in the platform's own envelope."""

from __future__ import annotations

import json
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
from connectors.sandbox.saleor.mutations import MUTATIONS, perform
from connectors.sandbox.saleor.queries import NEEDS, QUERIES, app
from connectors.sandbox.saleor.schema import schema
from connectors.sandbox.saleor.shop import Shop

Doc = dict[str, Any]
LARGEST_COST = 50_000
PLAIN = "GraphQLError"


class Gateway:
    """Answers GraphQL requests of one app to one shop."""

    def __init__(self, shop: Shop, token: str) -> None:
        self._shop = shop
        self._token = token

    def read(self, request: Request) -> tuple[Doc, str]:
        """The request's body and the names of its root fields, by which calls are counted and faults drawn."""
        body = _body(request)
        try:
            operation = _chosen(_parsed(str(body.get("query") or "")), body.get("operationName"))
        except (SyntaxFault, Refusal):
            return body, "(unreadable)"
        names = [found.name for found in operation.selections if isinstance(found, Field)]
        return body, "+".join(names) or "(fragments)"

    def answer(self, request: Request, body: Doc) -> Call:
        """One request from token to envelope."""
        if request.mimetype != "application/json" or not body:
            return _refuse([_error("Unable to parse query.")])
        if not isinstance(body.get("query"), str) or not body["query"].strip():
            return _refuse([_error("Must provide a query string.")])
        if not isinstance(body.get("variables") or {}, dict):
            return _refuse([_error("Variables are invalid JSON.")])
        return self._run(body, self._knows(request))

    def expired(self) -> Response:
        """The answer to a token whose time is over."""
        return json_answer({"errors": [_error("Signature has expired", "ExpiredSignatureError")], "data": None})

    def throttled(self, seconds: int) -> Response:
        """The answer to calling too often, which the hosted platform alone gives."""
        response = json_answer({"errors": [_error("Too many requests.", "Throttled")]}, 429)
        if seconds:
            response.headers["Retry-After"] = str(seconds)
        return response

    def _knows(self, request: Request) -> bool:
        told = request.headers.get("Authorization-Bearer") or request.headers.get("Authorization", "")
        scheme, _, value = told.rpartition(" ")
        return scheme.lower() in ("", "bearer", "jwt") and value == self._token

    def _run(self, body: Doc, is_known: bool) -> Call:
        try:
            document = _parsed(body["query"])
            operation = _chosen(document, body.get("operationName"))
            if errors := _checked(body["query"], operation.name):
                raise Refusal(errors)
            variables = variables_of(schema(), operation, body.get("variables") or {})
            cost = Costing(schema(), document, variables).of(operation)
            self._check_cost(cost)
        except SyntaxFault as fault:
            told = _error(f"Syntax Error: {fault}") | {"locations": [{"line": fault.at[0], "column": fault.at[1]}]}
            return _refuse([told])
        except Refusal as refusal:
            return _refuse([_reshaped(error) for error in refusal.errors])
        run = Run(schema(), document, operation, variables, self._resolvers(operation.kind, is_known))
        found: Doc = {"data": run.answer}
        if run.errors:
            found = {"errors": [_reshaped(error) for error in run.errors], **found}
        most = int(self._shop.settings.get("max_complexity", LARGEST_COST))
        found["extensions"] = {"cost": {"requestedQueryCost": cost, "maximumAvailable": most}}
        return Call(json_answer(found), _outcome(found))

    def _check_cost(self, cost: int) -> None:
        most = int(self._shop.settings.get("max_complexity", LARGEST_COST))
        if cost > most:
            words = f"The query exceeds the maximum cost of {most}. Actual cost is {cost}"
            raise Refusal([{"message": words, "extensions": {"code": "QueryCostError"}}])

    def _resolvers(self, kind: str, is_known: bool) -> dict[str, Resolver]:
        shop = self._shop
        held = shop.permissions if is_known else frozenset()
        if kind == "mutation":
            return {name: _guarded(name, held, partial(perform, shop, name)) for name in MUTATIONS}
        found = {name: _guarded(name, held, partial(query, shop)) for name, query in QUERIES.items()}
        return {**found, "app": lambda args, directives: app(shop) if is_known else None}


def _guarded(name: str, held: frozenset[str], work: Callable[[Doc], Any]) -> Resolver:
    def ask(args: Doc, directives: Mapping[str, Mapping[str, Any]]) -> Any:
        needed = NEEDS.get(name, ())
        if needed and not held & set(needed):
            words = f"To access this path, you need one of the following permissions: {', '.join(needed)}"
            raise FieldRefusal(words, "PermissionDenied")
        return work(args)

    return ask


def _error(message: str, code: str = PLAIN) -> Error:
    return {"message": message, "extensions": {"exception": {"code": code, "stacktrace": []}}}


def _reshaped(error: Error) -> Error:
    """An error of the kit in the platform's envelope; only the platform's own codes are words in mixed case."""
    code = str(error.get("extensions", {}).get("code", ""))
    is_own = code[:1].isupper() and not code.isupper() and "_" not in code
    place: Error = {name: error[name] for name in ("locations", "path") if name in error}
    return {**_error(error["message"], code if is_own else PLAIN), **place}


def _refuse(errors: list[Error]) -> Call:
    """Nothing of the request was done."""
    return Call(json_answer({"errors": errors}, 400), f"error {errors[0]['extensions']['exception']['code']}")


def _body(request: Request) -> Doc:
    """The request's JSON object, or an empty one."""
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
    found = Checker(schema(), document, _chosen(document, operation)).errors
    # How a connection is paged is looked at when it runs: there the platform has words of its own.
    return [error for error in found if error["extensions"].get("code") != "BAD_REQUEST"]


def _chosen(document: Document, name: str | None) -> Operation:
    """The operation to run, by name when there are several."""
    found = [one for one in document.operations if name in (None, "", one.name)]
    if len(found) != 1 or found[0].kind == "subscription":
        words = f'Unknown operation named "{name}".' if name else "Must provide operation name if query contains multiple"
        raise Refusal([{"message": words, "extensions": {"code": PLAIN}}])
    return found[0]


def _outcome(found: Doc) -> str:
    """The word under which an answer is counted: the first error's code, or that of the first payload's errors."""
    if found.get("errors"):
        return f"error {found['errors'][0]['extensions']['exception']['code']}"
    for part in found["data"].values():
        told = part.get("errors") if isinstance(part, dict) else None
        if told:
            return f"refused {told[0].get('code') or ''}".strip()
    return "ok"
