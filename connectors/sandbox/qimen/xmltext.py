"""XML in and out: safe parsing, reading by path, rendering of nested fields."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

Fields: TypeAlias = Mapping[str, "Value"]
Value: TypeAlias = "str | int | Fields | Rows | None"

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Rows:
    """A list element: each row becomes one `tag` child."""

    tag: str
    rows: Sequence[Fields]


class BadXml(Exception):
    """The body is no XML document that we accept; send well-formed XML without a document type."""


def parse(body: bytes) -> Element:
    """The root element; entity declarations and external references are refused."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadXml("报文不是合法的XML") from error
    return root


def text(node: Element | None, path: str) -> str:
    """The stripped text at `path`, or an empty string when it is absent."""
    found = node.find(path) if node is not None else None
    return (found.text or "").strip() if found is not None else ""


def render(root: str, fields: Fields) -> bytes:
    """A whole UTF-8 document; fields that are None are left out."""
    return f'<?xml version="1.0" encoding="UTF-8"?>{_element(root, fields)}'.encode()


def _element(tag: str, value: Value) -> str:
    return f"<{tag}>{_content(value)}</{tag}>"


def _content(value: Value) -> str:
    if isinstance(value, Rows):
        return "".join(_element(value.tag, row) for row in value.rows)
    if isinstance(value, Mapping):
        return "".join(_element(tag, child) for tag, child in value.items() if child is not None)
    return escape(_NOT_XML.sub("", str(value)))
