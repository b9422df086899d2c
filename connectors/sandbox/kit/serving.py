"""Running a twin as its own operating-system process. Nothing of any platform."""

import argparse
import ctypes
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from connectors.sandbox.kit.twin import Twin, TwinOptions

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PR_SET_PDEATHSIG = 1


class QuietRequests(WSGIRequestHandler):
    """Writes no access log: addresses and bodies of calls may name people.

    Headers with an underscore in their name are kept, since a platform may want one; usually servers drop them, as
    behind a proxy they could pass for others. Where both spellings come, the one with hyphens counts.
    """

    def make_environ(self) -> "WSGIEnvironment":
        environ = super().make_environ()
        for name, value in self.headers.items():
            if "_" in name:
                environ.setdefault(f"HTTP_{name.upper().replace('-', '_')}", value)
        return environ

    def log(self, type: str, message: str, *args: object) -> None:
        return None


def serve_main(make_twin: Callable[[TwinOptions], Twin], argv: Sequence[str] | None = None) -> int:
    """The whole `serve` module of a twin: read options, listen, stop cleanly on SIGTERM or SIGINT.

    Options: --port --dir --seed --speed --host --die-with-parent PID, and --config FILE.json, which
    holds the twin's own settings (`TwinOptions.settings`).
    """
    options = _options(argv)
    if options.die_with_parent:
        die_with_parent(options.die_with_parent)
    twin = make_twin(_twin_options(options))
    server = make_server(options.host, options.port, twin, threaded=True, request_handler=QuietRequests)
    server.daemon_threads = True  # type: ignore[attr-defined]
    _stop_on_signal(server)
    twin.scheduler.start()
    try:
        server.serve_forever()
    finally:
        server.server_close()
        twin.close()
    return 0


def die_with_parent(parent: int) -> None:
    """End this process when its parent dies: asked of Linux, looked after by a thread elsewhere."""
    if not sys.platform.startswith("linux"):
        threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        # The parent died between our start and the request to Linux.
        raise SystemExit(0)


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serve one simulated platform.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--die-with-parent", type=int, default=0, metavar="PID")
    return parser.parse_args(argv)


def _twin_options(options: argparse.Namespace) -> TwinOptions:
    settings = json.loads(options.config.read_text("utf-8")) if options.config else {}
    return TwinOptions(options.dir, options.seed, options.speed, settings)


def _stop_on_signal(server: BaseWSGIServer) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        # shutdown() waits for serve_forever, which runs on this very thread: ask from another one.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
