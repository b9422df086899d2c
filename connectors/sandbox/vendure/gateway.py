"""The endpoint /admin-api: body, session, channel, document, then the fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any

from werkzeug.wrappers import Request

from connectors.sandbox.kit import Call, json_answer
from connectors.sandbox.kit.gql.checking import Checker
from connectors.sandbox.kit.gql.inputs import variables_of
from connectors.sandbox.kit.gql.lexing import SyntaxFault
from connectors.sandbox.kit.gql.parsing import parse
from connectors.sandbox.kit.gql.refusing import Error, Refusal
from connectors.sandbox.kit.gql.running import Resolver, Run
from connectors.sandbox.kit.gql.tree import Document, Field, Operation
from connectors.sandbox.vendure import sessions
from connectors.sandbox.vendure.mutations import MUTATIONS, perform
from connectors.sandbox.vendure.queries import QUERIES
from connectors.sandbox.vendure.schema import schema
from connectors.sandbox.vendure.sessions import Caller
from connectors.sandbox.vendure.shop import Shop
from connectors.sandbox.vendure.words import spoken

Doc = dict[str, Any]
NO_QUERY = "GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension."


class Gateway:
    """Answers GraphQL requests to one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

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
        """One request from session to envelope."""
        if request.mimetype != "application/json":
            return _refused("Unsupported content type", "BAD_REQUEST", 415)
        if not isinstance(body.get("query"), str) or not body["query"]:
            return _refused(NO_QUERY, "BAD_REQUEST", 400)
        caller = sessions.identify(self._shop, request)
        wrong = sessions.check_channel(self._shop, request)
        if wrong:
            return _refused(wrong, "CHANNEL_NOT_FOUND", 200)
        found, status, outcome = self._run(body, caller)
        response = json_answer(found, status)
        sessions.tell(self._shop, caller, response)
        return Call(response, outcome)

    def _run(self, body: Doc, caller: Caller) -> tuple[Doc, int, str]:
        try:
            document = _parsed(body["query"])
            operation = _chosen(document, body.get("operationName"))
            errors = _checked(body["query"], operation.name)
            if errors:
                raise Refusal(errors)
            variables = variables_of(schema(), operation, body.get("variables") or {})
        except SyntaxFault as fault:
            place = {"line": fault.at[0], "column": fault.at[1]}
            told = {"message": f"Syntax Error: {fault}", "locations": [place],
                    "extensions": {"code": "GRAPHQL_PARSE_FAILED"}}  # fmt: skip
            return {"errors": [told]}, 400, "error GRAPHQL_PARSE_FAILED"
        except Refusal as refusal:
            errors = [spoken(error) for error in refusal.errors]
            code = errors[0]["extensions"]["code"]
            return {"errors": errors}, 200 if code == "BAD_USER_INPUT" else 400, f"error {code}"
        run = Run(schema(), document, operation, variables, self._resolvers(operation.kind, caller))
        return _envelope(run, operation)

    def _resolvers(self, kind: str, caller: Caller) -> dict[str, Resolver]:
        names: Mapping[str, Any] = MUTATIONS if kind == "mutation" else QUERIES
        return {name: partial(self._field, kind, name, caller) for name in names}

    def _field(self, kind: str, name: str, caller: Caller, args: Doc, directives: Any) -> Any:
        sessions.check_allowed(self._shop, caller, name)
        if kind == "mutation":
            return perform(self._shop, caller, name, args)
        return QUERIES[name](self._shop, args)


def forbidden() -> Doc:
    """The answer to a session that has run out."""
    error = {"message": sessions.FORBIDDEN, "extensions": {"code": "FORBIDDEN"}}
    return {"errors": [error], "data": None}


def _refused(message: str, code: str, status: int) -> Call:
    body: Doc = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return Call(json_answer(body if status != 200 else {**body, "data": None}, status), f"error {code}")


def _envelope(run: Run, operation: Operation) -> tuple[Doc, int, str]:
    """A root field that must not be null takes everything with it when it is."""
    root = schema().types["Mutation" if operation.kind == "mutation" else "QueryRoot"]
    names = {found.key: found.name for found in operation.selections if isinstance(found, Field)}
    is_void = any(
        run.answer.get(key) is None and name in root.members and root.members[name].type.required
        for key, name in names.items()
    )
    if run.errors:
        code = run.errors[0]["extensions"].get("code", "")
        return {"errors": run.errors, "data": None if is_void else run.answer}, 200, f"error {code}"
    refused = [part["errorCode"] for part in run.answer.values() if isinstance(part, dict) and "errorCode" in part]
    return {"data": run.answer}, 200, f"refused {refused[0]}" if refused else "ok"


def _body(request: Request) -> Doc:
    try:
        found = json.loads(request.get_data())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@lru_cache(maxsize=256)
def _parsed(text: str) -> Document:
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
        words = "Must provide operation name if query contains multiple operations."
        words = f'Unknown operation named "{name}".' if name else words
        raise Refusal([{"message": words, "extensions": {"code": "OPERATION_RESOLUTION_FAILURE"}}])
    return found[0]
