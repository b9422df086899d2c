"""Reports that Amazon makes for us: ordering one, asking whether it is ready, reading its table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from email.message import Message
from urllib.parse import quote

from connectors.contract.errors import Retryable
from connectors.marketplaces.amazon.client import Selling, time_text
from connectors.marketplaces.amazon.reading import text
from connectors.marketplaces.amazon.settings import marketplaces_of

REPORTS = "/reports/2021-06-30"


def order_report(selling: Selling, kind: str, since: datetime, until: datetime) -> str:
    """Ask for a report of a window; answers its number. Asking twice costs a call and nothing else."""
    wanted = {
        "reportType": kind,
        "dataStartTime": time_text(since),
        "dataEndTime": time_text(until),
        "marketplaceIds": marketplaces_of(selling.account),
    }
    number = text(selling.send("createReport", "POST", f"{REPORTS}/reports", wanted), "reportId")
    if not number:
        raise Retryable("Amazon did not name the report it makes", code="not-an-answer")
    return number


def report_state(selling: Selling, number: str) -> tuple[str, str]:
    """processingStatus of a report, and the number of its document once there is one."""
    found = selling.read("getReport", f"{REPORTS}/reports/{quote(number, safe='')}")
    return text(found, "processingStatus"), text(found, "reportDocumentId")


def read_table(selling: Selling, document: str) -> list[Mapping[str, str]]:
    """The rows of a tab-separated report by its header, empty cells left out."""
    found = selling.read("getReportDocument", f"{REPORTS}/documents/{quote(document, safe='')}")
    body, content_type = selling.download(text(found, "url"), text(found, "compressionAlgorithm"))
    lines = csv.reader(io.StringIO(_decoded(body, content_type), newline=""), "excel-tab", quoting=csv.QUOTE_NONE)
    header = [name.strip() for name in next(lines, [])]
    return [
        {name: cell.strip() for name, cell in zip(header, line, strict=False) if cell.strip()} for line in lines if line
    ]


def _decoded(body: bytes, content_type: str) -> str:
    """By the charset told; without one UTF-8, else the Windows set of western shops."""
    message = Message()
    message["content-type"] = content_type or "text/plain"
    told = message.get_content_charset()
    for charset in (told, "utf-8-sig"):
        try:
            return body.decode(charset) if charset else body.decode("utf-8-sig")
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("cp1252", "replace")
