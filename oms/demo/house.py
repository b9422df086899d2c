"""A running demo: twins, hub, set-up; opened and closed as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from oms.app.kernel.hub import Hub
from oms.bootstrap import make_hub
from oms.config import Settings
from oms.demo.processes import Part, demo_settings, start_hub, start_sandbox
from oms.demo.setting_up import Ready, set_up
from oms.demo.twins import Twins
from oms.embedded import running_url

#: A warehouse order lives 20 minutes of its own time, a parcel 48 hours: 20 and 96 seconds here.
SPEED = 60.0
PARCEL_SPEED = 1800.0


@dataclass
class House:
    """Everything that runs, and what the set-up made."""

    settings: Settings
    hub: Hub
    twins: Twins
    ready: Ready
    parts: tuple[Part, ...]

    def require_alive(self) -> None:
        """DemoFailed when a part has ended by itself."""
        for part in self.parts:
            part.require_alive()


@contextmanager
def open_house(
    home: Path,
    *,
    seed: int,
    wishes: Mapping[str, Mapping[str, Any]],
    merge_window_s: int,
    say: Callable[[str], None],
    has_shortage: bool = False,
) -> Iterator[House]:
    """Start the twins and the hub, set the hub up, and stop all in order at the end.

    `wishes` are settings by twin beside the demo's own.
    """
    with ExitStack() as stack:
        say("simulated platforms are starting")
        sandbox, described = start_sandbox(home / "sandbox", seed=seed, speed=SPEED, config=_config(wishes))
        stack.callback(sandbox.stop)
        twins = Twins(described)
        twins.qimen.post("callback", url="")
        settings = demo_settings(home)
        say("the hub is starting (PostgreSQL, web, workers, clock)")
        hub_part = start_hub(settings)
        stack.callback(hub_part.stop)
        hub = make_hub(replace(settings, database_url=running_url(settings.embedded_folder)), name="oms demo")
        stack.callback(hub.engine.dispose)
        say("the hub is being set up")
        items = twins.catalogue()
        ready = set_up(hub, described, items, home, merge_window_s=merge_window_s, has_shortage=has_shortage)
        twins.qimen.post("callback", url=ready.callback_url)
        twins.qimen.post("share", **dict(wishes.get("qimen", {}).get("shares", {})))
        yield House(settings, hub, twins, ready, (sandbox, hub_part))
        say("stopping")


def _config(wishes: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    own = {"kuaidi100": {"speed": PARCEL_SPEED}}
    return {name: {**own.get(name, {}), **wishes.get(name, {})} for name in {*own, *wishes}}
