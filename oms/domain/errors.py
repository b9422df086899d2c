"""Errors of the hub; each says what is wrong and, in `remedy`, what to do next."""

from __future__ import annotations


class HubError(Exception):
    """Base of all errors a person may see; `remedy` is a sentence, `code` names the kind for machines."""

    code = "hub-error"

    def __init__(self, words: str, remedy: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.remedy = remedy


class ConfigError(HubError):
    """A setting is missing or wrong; the remedy names it."""

    code = "configuration"


class WrongState(HubError):
    """The document is not in a state that allows the action."""

    code = "wrong-state"

    def __init__(self, machine: str, state: str, action: str) -> None:
        super().__init__(f"{machine} is {state}: {action} is not possible", "reload it and look at what changed")
        self.machine, self.state, self.action = machine, state, action


class NotPossible(WrongState):
    """The document's status would allow the action, but what hangs on it does not; the words are a whole sentence."""

    def __init__(self, words: str, remedy: str = "reload it and look at what changed") -> None:
        HubError.__init__(self, words, remedy)
        self.machine = self.state = self.action = ""


class Forbidden(HubError):
    """The person lacks the permission."""

    code = "forbidden"


class NotFound(HubError):
    """There is no such document."""

    code = "not-found"


class Invalid(HubError):
    """Input is wrong; `field` names where."""

    code = "invalid"

    def __init__(self, field: str, words: str, remedy: str = "") -> None:
        super().__init__(f"{field}: {words}", remedy)
        self.field = field


class Implausible(Invalid):
    """Input that cannot be true, so that looking at it again later changes nothing."""


class Busy(HubError):
    """Another process holds the document; trying again in a moment helps."""

    code = "busy"


class Stale(HubError):
    """Somebody else changed the document first."""

    code = "stale"


class LostLease(HubError):
    """The right to go on has passed to another worker; nothing of this one may be written."""

    code = "lost-lease"


class BrokenPromise(HubError):
    """An invariant does not hold; a defect, never bad input."""

    code = "broken-promise"
