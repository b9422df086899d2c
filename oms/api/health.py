"""Whether this process is alive, whether it can work, and numbers for Prometheus."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from oms.api.access import caller, hub, open_to_all
from oms.app.kernel.queue_depths import queue_depths, refused_pushes
from oms.db.migrate import is_behind
from oms.domain.errors import Forbidden

CLOCK_LOCK = "OMS_CLOCK_LOCK"
blueprint = Blueprint("health", __name__)

_CLOCK = text(
    "select exists (select from pg_locks where locktype = 'advisory' and classid = 0 and objid = :lock and granted "
    "and database = (select oid from pg_database where datname = current_database()))"
)


@blueprint.get("/healthz")
@open_to_all("tells only that the process answers")
def alive() -> Response:
    """The process answers."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/readyz")
@open_to_all("tells three yes or no, for load balancers")
def ready() -> tuple[Response, int]:
    """Whether requests can be served: the database answers and its schema is ours.

    A missing clock is told but does not take this process out: pages work without it.
    """
    checks = {"database": False, "schema": False, "clock": False}
    try:
        with hub().engine.connect() as connection:
            checks["database"] = True
            checks["clock"] = bool(connection.scalar(_CLOCK, {"lock": current_app.config[CLOCK_LOCK]}))
        checks["schema"] = not is_behind(hub().engine)
    except SQLAlchemyError:
        pass  # What could not be asked stays false, which is the answer.
    is_ready = checks["database"] and checks["schema"]
    return jsonify(ready=is_ready, **checks), 200 if is_ready else 503


@blueprint.get("/metrics")
@open_to_all("guards itself: this machine, or the permission metrics.view")
def metrics() -> Response:
    """Queues, refused pushes and this process, as Prometheus reads them."""
    if not _is_from_here() and not caller().allows("metrics.view"):
        raise Forbidden("the permission metrics.view is missing", "ask an administrator for it")
    ours = CollectorRegistry()
    ours.register(_Numbers())
    return Response(generate_latest(ours) + generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


class _Numbers:
    """Asked of the database whenever Prometheus reads."""

    def collect(self) -> Iterable[Metric]:
        running = hub()
        depth = GaugeMetricFamily("oms_queue_depth", "Rows that wait in a queue", labels=["queue"])
        oldest = GaugeMetricFamily("oms_queue_oldest_seconds", "Age of the oldest row of a queue", labels=["queue"])
        refused = CounterMetricFamily("oms_refused_pushes", "Pushes refused", labels=["reason"])
        with running.engine.connect() as connection:
            for found in queue_depths(connection, running.clock()):
                depth.add_metric([found.queue], found.rows)
                oldest.add_metric([found.queue], found.oldest_s)
            for reason, pushes in refused_pushes(connection).items():
                refused.add_metric([reason], pushes)
        yield from (depth, oldest, refused)

    def describe(self) -> list[Any]:
        """Nothing in advance: describing must not ask the database."""
        return []


def _is_from_here() -> bool:
    """Whether the request was made on this machine itself, not by a proxy on it."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
