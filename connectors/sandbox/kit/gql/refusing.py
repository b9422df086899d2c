"""The two ways in which a request fails: as a whole before anything ran, or one field while it ran."""

from __future__ import annotations

from typing import Any

Error = dict[str, Any]


class Refusal(Exception):
    """Nothing of the request was done; `errors` is what the platform answers. Correct the request."""

    def __init__(self, errors: list[Error]) -> None:
        super().__init__("; ".join(str(error["message"]) for error in errors))
        self.errors = errors


class FieldRefusal(Exception):
    """One field could not be answered: it is null, and the error stands beside what could be."""

    def __init__(self, message: str, code: str, **extensions: Any) -> None:
        super().__init__(message)
        self.extensions = {"code": code, **extensions}


def error_at(message: str, at: tuple[int, int], path: tuple[str | int, ...], **extensions: Any) -> Error:
    """One entry of `errors`, told by place in the text and in the answer."""
    place = {"line": at[0], "column": at[1]}
    return {"message": message, "locations": [place], "path": list(path), "extensions": extensions}
