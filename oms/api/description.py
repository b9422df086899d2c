"""The API's own description: OpenAPI 3.1 as JSON, and the same as a page that needs no script."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Response, current_app, jsonify, render_template

from oms.api.access import open_to_all
from oms.api.problems import TYPE

VERSION = "3.1.0"
EXTENSION = "oms_api_description"
METHODS = ("get", "post", "put", "patch", "delete")
blueprint = Blueprint("description", __name__, url_prefix="/api", template_folder="templates")

SPEC_OPTIONS = {
    "info": {
        "description": "Amounts are minor units (fen), times UTC, ids from outside strings. Refusals are problem "
        "details (RFC 9457) that name the field and the remedy."
    },
    "components": {
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer", "description": "An API key, made with `oms user key`"},
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": "oms_session",
                "description": "A console session; changes also need the header X-CSRFToken",
            },
        }
    },
    "security": [{"key": []}, {"session": []}],
}


@blueprint.get("/openapi.json")
@open_to_all("describes operations, holds nothing of anybody")
def document() -> Response:
    """The description for machines."""
    return jsonify(description())


@blueprint.get("/docs")
@open_to_all("describes operations, holds nothing of anybody")
def page() -> str:
    """The description for people."""
    found = description()
    operations = [
        {"method": method.upper(), "path": path, **content[method]}
        for path, content in found["paths"].items()
        for method in METHODS
        if method in content
    ]
    return render_template("api/docs.html", spec=found, operations=operations, schema_name=_schema_name)


def description() -> dict[str, Any]:
    """OpenAPI 3.1; refusals that flask-smorest adds by itself are problem details, too."""
    found = cast(dict[str, Any], current_app.extensions[EXTENSION].spec.to_dict())
    for answer in found.get("components", {}).get("responses", {}).values():
        content = answer.get("content", {})
        if "application/json" in content:
            content[TYPE] = content.pop("application/json")
    return found


def _schema_name(content: dict[str, Any] | None) -> str:
    """The schema that a body refers to."""
    for body in (content or {}).values():
        return str(body.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    return ""
