"""What an API method is to the gateway: its function, its required parameters, whether it needs a session."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.taobao.market import Market
from connectors.sandbox.taobao.params import Params


@dataclass(frozen=True, slots=True)
class Method:
    """One API method: `run` answers the content of the success envelope or raises ApiError."""

    run: Callable[[Market, Params], dict[str, Any]]
    required: tuple[str, ...] = ()
    session: bool = True
