"""What every twin is built from: storage, faults, timed behaviour, control endpoints, serving.

A twin is a simulated platform that speaks the real wire protocol in its own process. Nothing
here knows a vendor, and nothing here is shared with the connectors (a shared misreading must not pass).
"""

from connectors.sandbox.kit.faults import KINDS, Fault, FaultPlan
from connectors.sandbox.kit.scheduler import Scheduler
from connectors.sandbox.kit.serving import serve_main
from connectors.sandbox.kit.storage import Storage
from connectors.sandbox.kit.transport import Answer, post
from connectors.sandbox.kit.twin import Call, Route, Twin, TwinOptions, json_answer

__all__ = [
    "KINDS",
    "Answer",
    "Call",
    "Fault",
    "FaultPlan",
    "Route",
    "Scheduler",
    "Storage",
    "Twin",
    "TwinOptions",
    "json_answer",
    "post",
    "serve_main",
]
