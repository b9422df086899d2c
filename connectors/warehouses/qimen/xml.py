"""Qimen's XML: building by escaped strings, reading by defusedxml. Knows no document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from connectors.contract.errors import BadRecord

MAX_BYTES = 2 * 1024 * 1024
HEADER = '<?xml version="1.0" encoding="utf-8"?>'
#: Qimen writes wall-clock times of China, which has no summer time.
CHINA = timezone(timedelta(hours=8))

_SPECIAL = re.compile("[&<>\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str) -> str:
    """Text as XML content; characters that XML cannot carry are dropped."""
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda match: _ENTITIES.get(match[0], ""), text)


def tag(name: str, text: str) -> str:
    """One leaf element, nothing when the text is empty."""
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def request(content: str) -> bytes:
    """A whole request document."""
    return f"{HEADER}<request>{content}</request>".encode()


def china_time(moment: datetime) -> str:
    """`yyyy-MM-dd HH:mm:ss` in China for an aware time."""
    return moment.astimezone(CHINA).isoformat(" ", "seconds")[:19]


def parse(body: bytes) -> Element:
    """The root element; BadRecord for anything over 2 MB, broken, or with a DTD or entities."""
    if len(body) > MAX_BYTES:
        raise BadRecord("the document is larger than 2 MB", field="body")
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadRecord(f"not readable XML ({type(error).__name__})", field="body") from None
    return root


def text(node: Element | None, path: str) -> str:
    """The stripped text under a path, empty when absent."""
    found = None if node is None else node.find(path)
    return (found.text or "").strip() if found is not None else ""


def required(node: Element | None, path: str) -> str:
    """The text under a path; BadRecord names the path when it is missing."""
    value = text(node, path)
    if not value:
        raise BadRecord("is missing", field=path)
    return value


def children(node: Element | None, path: str) -> Iterator[Element]:
    """The elements under a path."""
    return iter(() if node is None else node.findall(path))


def units(node: Element, path: str) -> int | None:
    """A whole number, also when written as "2.0"; None when absent, BadRecord when it is no number."""
    value = text(node, path)
    if not value:
        return None
    whole, _, fraction = value.partition(".")
    if fraction.strip("0") or not re.fullmatch(r"[+-]?\d{1,12}", whole, re.ASCII):
        raise BadRecord(f"{value!r:.40} is not a whole number", field=path)
    return int(whole)


def moment(value: str, field: str) -> datetime | None:
    """A Qimen time as aware UTC; None when empty, BadRecord when it is no time."""
    if not value:
        return None
    try:
        naive = datetime.fromisoformat(value)
        return (naive if naive.tzinfo else naive.replace(tzinfo=CHINA)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRecord(f"{value!r:.40} is not a time", field=field) from None
