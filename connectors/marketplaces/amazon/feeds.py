"""Files that Amazon works off later: leaving one, and reading what became of its rows.

A feed that is done may still have refused every row, so only its result says what happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from connectors.contract.errors import OutcomeUnknown, Retryable
from connectors.marketplaces.amazon.client import Json, Selling, time_text
from connectors.marketplaces.amazon.reading import rows, text
from connectors.marketplaces.amazon.settings import marketplaces_of

FEEDS = "/feeds/2021-06-30"
TABS = "text/tab-separated-values; charset=UTF-8"
JSON = "application/json; charset=UTF-8"


class Outcome(NamedTuple):
    """Where a feed stands; `accepted` and `refused` count rows, and are None until it is done."""

    status: str
    accepted: int | None = None
    refused: int | None = None
    words: str = ""


def table(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    """A tab-separated file with a header; tabs and line ends inside values become spaces."""
    clean = [[" ".join(value.split()) for value in line] for line in lines]
    return "".join("\t".join(line) + "\r\n" for line in (columns, *clean)).encode()


def send_feed(selling: Selling, kind: str, body: bytes, content_type: str, marketplaces: list[str]) -> str:
    """Leave a file and make a feed of it; answers the feed's number. Only the last of its calls changes anything."""
    made = selling.send("createFeedDocument", "POST", f"{FEEDS}/documents", {"contentType": content_type})
    document, url = text(made, "feedDocumentId"), text(made, "url")
    if not document or not url:
        raise Retryable("Amazon gave no place to leave the file at", code="not-an-answer")
    selling.upload(url, body, content_type)
    order = {
        "feedType": kind,
        "marketplaceIds": marketplaces or marketplaces_of(selling.account),
        "inputFeedDocumentId": document,
    }
    feed = text(selling.send("createFeed", "POST", f"{FEEDS}/feeds", order, writes=True), "feedId")
    if not feed:
        raise OutcomeUnknown("Amazon did not name the feed it made", code="not-an-answer")
    return feed


def feeds_since(selling: Selling, kind: str, since: datetime) -> list[Json]:
    """Feeds of a kind made since then, newest first; a day's worth fits the page."""
    params = {"feedTypes": kind, "createdSince": time_text(since), "pageSize": "100"}
    return rows(selling.read("getFeeds", f"{FEEDS}/feeds", params), "feeds")


def read_feed(selling: Selling, feed: str) -> Json:
    """One feed, by its number."""
    return selling.read("getFeed", f"{FEEDS}/feeds/{quote(feed, safe='')}")


def outcome_of(selling: Selling, feed: Json) -> Outcome:
    """What became of a feed's rows, by its result file."""
    status, document = text(feed, "processingStatus"), text(feed, "resultFeedDocumentId")
    if status != "DONE" or not document:
        return Outcome(status)
    found = selling.read("getFeedDocument", f"{FEEDS}/documents/{document}")
    body, _ = selling.download(text(found, "url"), text(found, "compressionAlgorithm"))
    return _summed_up(status, body.decode("utf-8", "replace"))


def _summed_up(status: str, report: str) -> Outcome:
    """The summary of a flat file's result: two counts, then a line for each error."""
    counts: dict[str, int] = {}
    errors = []
    for line in report.splitlines():
        cells = [cell.strip() for cell in line.split("\t") if cell.strip()]
        if len(cells) == 2 and cells[0].lower().startswith("number of records") and cells[1].isdecimal():
            counts["accepted" if "success" in cells[0].lower() else "all"] = int(cells[1])
        elif "error" in [cell.lower() for cell in cells]:
            errors.append(cells[-1][:200])
    if "accepted" not in counts:
        return Outcome(status, words="; ".join(errors[:3]))
    accepted = counts["accepted"]
    return Outcome(status, accepted, counts.get("all", accepted) - accepted, "; ".join(errors[:3]))
