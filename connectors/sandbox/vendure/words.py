"""Refusals of whole requests in the words and codes of the platform's GraphQL server."""

from __future__ import annotations

from typing import Any

Doc = dict[str, Any]
INVALID = "GRAPHQL_VALIDATION_FAILED"
BAD_INPUT = "BAD_USER_INPUT"


def spoken(error: Doc) -> Doc:
    """One error of the checks as this platform tells it."""
    told = error.get("extensions", {})
    if told.get("code") == "INVALID_VARIABLE":
        return _about_variable(error)
    if told.get("code") == "OPERATION_RESOLUTION_FAILURE":
        return error
    found: Doc = {"message": _message(error, told), "extensions": {"code": INVALID}}
    if error.get("locations"):
        found["locations"] = error["locations"]
    return found


def _about_variable(error: Doc) -> Doc:
    told = error["extensions"]
    words = told["problems"][0]["explanation"]
    path = told["problems"][0]["path"]
    name = str(error["message"]).removeprefix("Variable $").partition(" ")[0]
    at = f' at "{".".join([name, *map(str, path)])}"' if path else ""
    return {"message": f'Variable "${name}" got invalid value{at}; {words}', "extensions": {"code": BAD_INPUT}}


def _message(error: Doc, told: Doc) -> str:
    name = {"QueryRoot": "Query"}.get(told.get("typeName", ""), told.get("typeName", ""))
    plain = {
        "undefinedField": lambda: f'Cannot query field "{told["fieldName"]}" on type "{name}".',
        "argumentNotAccepted": lambda: f'Unknown argument "{told["argumentName"]}" on field "{told["name"]}".',
        "missingRequiredArguments": lambda: f'Field "{told["name"]}" argument "{told["arguments"]}" is required, but it'
        " was not provided.",
        "undefinedType": lambda: f'Unknown type "{name}".',
        "variableNotDefined": lambda: f'Variable "${told["variableName"]}" is not defined.',
        "variableNotUsed": lambda: f'Variable "${told["variableName"]}" is never used.',
    }  # fmt: skip
    made = plain.get(str(told.get("code")))
    return made() if made else str(error["message"])
