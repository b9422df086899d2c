"""Starts the sandbox: every twin as its own process, and one file that tells the hub how to reach them."""

import argparse
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

TWINS = (
    "taobao",
    "qimen",
    "kuaidi100",
    "jd",
    "shopify",
    "woocommerce",
    "pinduoduo",
    "douyin",
    "suning",
    "medusa",
    "amazon",
    "vendure",
    "saleor",
    "amap",
    "aliyun_sms",
)
#: Carriers' twins, which run only when they are named; their places come after the others'.
CARRIERS = ("cainiao", "sf", "easypost")
START_SECONDS = 20.0
#: How often a twin is started again before the sandbox gives up.
MOST_FALLS = 5


def main(argv: Sequence[str] | None = None) -> int:
    """Start the twins, print their addresses, wait; stop all on SIGINT or SIGTERM.

    A twin is the package `connectors.sandbox.<name>` with `describe(url, seed) -> dict` (address and
    credentials, written to DIR/sandbox.json) and a runnable module `serve`.
    """
    options = _options(argv)
    names = _chosen(options.only)
    _refuse_taken_ports(names, options.base_port)
    options.dir.mkdir(parents=True, exist_ok=True)
    config = json.loads(options.config.read_text("utf-8")) if options.config else {}
    told = options.dir / "sandbox.json"
    # Whoever waits for the file must not find that of an earlier run.
    told.unlink(missing_ok=True)
    _stop_on_signal()
    running = [_start(name, options, config.get(name, {})) for name in names]
    try:
        _wait_until_up(names, running, options.base_port)
        _tell(describe(names, options.base_port, options.seed, config), told)
        return _watch(names, running, lambda name: _start(name, options, config.get(name, {})))
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(running)


def port_of(name: str, base_port: int) -> int:
    """Each twin has its fixed place after the base port, whichever others run."""
    return base_port + (*TWINS, *CARRIERS).index(name)


def describe(names: Sequence[str], base_port: int, seed: int, config: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Addresses and credentials of the twins by name: the content of sandbox.json.

    A credential that the configuration sets for a twin takes the place of the seed's.
    """
    found = {}
    for name in names:
        url = f"http://127.0.0.1:{port_of(name, base_port)}"
        told = importlib.import_module(f"connectors.sandbox.{name}").describe(url, seed)
        own = {key: value for key, value in config.get(name, {}).items() if key in told}
        found[name] = {**told, **own}
    return found


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox", description="Run the simulated platforms.")
    parser.add_argument("--dir", type=Path, default=Path("var/sandbox"), help="folder of all files")
    parser.add_argument("--base-port", type=int, default=9200, help="first of the ports (default 9200)")
    parser.add_argument("--seed", type=int, default=1, help="seed of all chance")
    parser.add_argument("--speed", type=float, default=60.0, help="how much faster timed behaviour runs")
    parser.add_argument("--only", default=",".join(TWINS), help="comma list of twins")
    parser.add_argument("--traffic", type=float, default=0.0, metavar="ORDERS_PER_MINUTE")
    parser.add_argument("--config", type=Path, help="JSON file: settings by twin name")
    return parser.parse_args(argv)


def _chosen(only: str) -> list[str]:
    names = [name.strip() for name in only.split(",") if name.strip()]
    known = (*TWINS, *CARRIERS)
    unknown = sorted(set(names) - set(known))
    if unknown or not names:
        raise SystemExit(f"sandbox: unknown twin {', '.join(unknown)}; choose from {', '.join(known)}")
    return names


def _refuse_taken_ports(names: Sequence[str], base_port: int) -> None:
    for name in names:
        port = port_of(name, base_port)
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                raise SystemExit(f"sandbox: port {port} for {name} is taken; choose another --base-port")


def _start(name: str, options: argparse.Namespace, settings: dict[str, Any]) -> subprocess.Popen[bytes]:
    settings = {"per_minute": options.traffic, **settings}
    config = options.dir / f"{name}.json"
    config.write_text(json.dumps(settings, ensure_ascii=False), "utf-8")
    command = [sys.executable, "-m", f"connectors.sandbox.{name}.serve"]
    command += ["--port", str(port_of(name, options.base_port)), "--dir", str(options.dir / name)]
    command += ["--seed", str(options.seed), "--speed", str(options.speed), "--config", str(config)]
    command += ["--die-with-parent", str(os.getpid())]
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.Popen(command, env=environment)  # noqa: S603 - our own modules with our own arguments


def _wait_until_up(names: Sequence[str], running: Sequence[subprocess.Popen[bytes]], base_port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    for name, process in zip(names, running, strict=True):
        while not _answers(port_of(name, base_port)):
            if process.poll() is not None:
                raise SystemExit(f"sandbox: {name} ended with code {process.returncode}; its words are above")
            if time.monotonic() > deadline:
                raise SystemExit(f"sandbox: {name} did not answer within {START_SECONDS:.0f} s; try again")
            time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/_twin/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _tell(described: Mapping[str, Any], target: Path) -> None:
    draft = target.with_suffix(".tmp")
    draft.write_text(json.dumps(described, ensure_ascii=False, indent=1), "utf-8")
    draft.replace(target)
    for name, told in described.items():
        print(f"{name:10} {told['url']}", flush=True)


def _watch(
    names: Sequence[str], running: list[subprocess.Popen[bytes]], start: Callable[[str], subprocess.Popen[bytes]]
) -> int:
    """Start a twin that ends anew, as a platform comes back; one that cannot stay up ends the sandbox with its code."""
    falls: Counter[str] = Counter()
    while True:
        for place, (name, process) in enumerate(zip(names, running, strict=True)):
            if process.poll() is None:
                continue
            falls[name] += 1
            if falls[name] > MOST_FALLS:
                print(f"sandbox: {name} ended with code {process.returncode} again; stopping the others", flush=True)
                return process.returncode or 1
            print(f"sandbox: {name} ended with code {process.returncode}; it is started again", flush=True)
            running[place] = start(name)
        time.sleep(0.2)


def _stop_on_signal() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _stop(running: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in running:
        process.terminate()
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
        if process.poll() is None:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
