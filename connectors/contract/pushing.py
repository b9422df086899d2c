"""Pushes as they travel: requests made to us, messages over a connection of ours, answers to both; vendor-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PushRequest:
    """An HTTP request another system made to us, untouched: verify `body` before parsing it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class PushAnswer:
    """What to answer the caller, byte for byte."""

    body: bytes
    content_type: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class PushEnvelope:
    """A verified push: `key` deduplicates it, `topic` names it, `answer` is sent once it is stored."""

    key: str
    topic: str
    answer: PushAnswer
    number: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that came over a connection of ours: `push` is kept, `envelope.answer` acknowledges it once it is.

    `owner` is the platform's number of the shop it is about, as `settings["owner_id"]` of its account has it; empty
    where the platform does not say.
    """

    push: PushRequest
    envelope: PushEnvelope
    owner: str = ""


class Messages(Protocol):
    """An open connection over which a platform sends messages; one thread reads it, any may close it."""

    def receive(self, seconds: float) -> tuple[Delivery, ...]:
        """What has come, after waiting so long at most; Retryable when the connection is gone."""

    def acknowledge(self, delivery: Delivery) -> None:
        """Say that a message is kept; what is not acknowledged comes again over the next connection."""

    def close(self) -> None:
        """Hang up; whoever waits in `receive` is told that the connection is gone."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What a platform pushes to us: topics that were there, ones made or woken now, refused ones with the reason."""

    kept: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
