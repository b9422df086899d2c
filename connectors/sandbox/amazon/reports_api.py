"""Reports: asked for, polled, fetched. No rows end a report as CANCELLED, a window too wide as FATAL."""

from __future__ import annotations

import json
from typing import Any

from connectors.sandbox.amazon import jobs
from connectors.sandbox.amazon.clock import ms_of, text_of
from connectors.sandbox.amazon.errors import invalid, not_found
from connectors.sandbox.amazon.return_rows import REPORTS
from connectors.sandbox.amazon.shop import Asked, Doc, Operation, Shop, check_marketplaces
from connectors.sandbox.amazon.vault import Vault

DAY_MS = 86_400_000
WIDEST_MS = 60 * DAY_MS


def create(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    body = asked.body("reportType", "marketplaceIds")
    check_marketplaces(shop, body["marketplaceIds"])
    if body["reportType"] not in REPORTS:
        raise invalid("reportType is not a report that can be requested.")
    now = shop.market.now_ms()
    until = ms_of(str(body["dataEndTime"]), "dataEndTime") if body.get("dataEndTime") else now
    since = ms_of(str(body["dataStartTime"]), "dataStartTime") if body.get("dataStartTime") else until - DAY_MS
    if since > until:
        raise invalid("dataStartTime must not be after dataEndTime.")
    wanted = {"marketplaceIds": body["marketplaceIds"], "since": since, "until": until}
    return 202, {"reportId": jobs.add(shop, "report", body["reportType"], wanted)}


def make(shop: Shop, id_: str) -> None:
    """Write a report whose time has come."""
    row = jobs.find(shop, id_)
    if row["state"] in ("CANCELLED", "DONE", "FATAL"):
        return
    asked = json.loads(row["asked"])
    if asked["until"] - asked["since"] > WIDEST_MS:
        jobs.end(shop, id_, "FATAL")
        return
    write, content_type = REPORTS[row["type"]]
    content = write(shop, asked["since"], asked["until"])
    document = Vault(shop).keep(content, content_type) if content else ""
    jobs.end(shop, id_, "DONE" if content else "CANCELLED", document)


def get(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    return 200, _told(jobs.current(shop, asked.path["id"], "report"))


def listed(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    if not asked.text("reportTypes"):
        raise invalid("reportTypes is required.")
    return 200, {"reports": [_told(row) for row in jobs.listed(shop, asked, "report")]}


def cancel(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    jobs.cancel(shop, asked.path["id"], "report")
    return 200, {}


def document(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    found = Vault(shop).told(asked.path["id"], asked.request.host_url)
    if found is None:
        raise not_found(f"No report document {asked.path['id']}.")
    return 200, {"reportDocumentId": asked.path["id"], **found}


def _told(row: Any) -> Doc:
    asked = json.loads(row["asked"])
    told = {"reportId": row["id"], "reportType": row["type"], "dataStartTime": text_of(asked["since"]),
            "dataEndTime": text_of(asked["until"]), **jobs.told(row)}  # fmt: skip
    if row["document"]:
        told["reportDocumentId"] = row["document"]
    return told


PATH = "/reports/2021-06-30"
OPERATIONS = (
    Operation("createReport", "POST", f"{PATH}/reports", 0.0167, 15, create),
    Operation("getReports", "GET", f"{PATH}/reports", 0.0222, 10, listed),
    Operation("getReport", "GET", f"{PATH}/reports/<id>", 2, 15, get),
    Operation("cancelReport", "DELETE", f"{PATH}/reports/<id>", 0.0222, 10, cancel),
    Operation("getReportDocument", "GET", f"{PATH}/documents/<id>", 0.0167, 15, document),
)
