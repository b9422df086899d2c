"""Refusals about rules as notes: the general ones speak of documents and orders, these of rule sets and versions."""

from __future__ import annotations

import re
from typing import Final

from flask import Response, make_response, render_template

from oms.console import notes
from oms.console.messages import _
from oms.console.notes import Note, status_of
from oms.console.refusals import told
from oms.console.rules.words import STATES
from oms.domain.errors import Busy, Forbidden, HubError, Invalid, NotFound, WrongState

#: Where in a rule document something is wrong: which of its rules.
RULE: Final = re.compile(r"/rules/(\d+)", re.ASCII)


def note_of(error: HubError) -> Note:
    """The note for a refusal about a rule set."""
    if isinstance(error, Busy):
        return Note(_("没做成：有人正在改这套规则"), _("过几秒再点"), error.code)
    if isinstance(error, WrongState) and error.state in STATES:
        state = STATES[error.state][0]
        return Note(_("没做成：这一版现在是「%(state)s」", state=state), _("看过现在的样子再来"), error.code)
    if isinstance(error, WrongState | Forbidden):
        return Note(_("没做成：%(why)s", why=told(error.words)), told(error.remedy), error.code)
    if isinstance(error, NotFound):
        return Note(told(error.words), _("也许刚被丢掉，或者不归你看；从规则集的列表进"), error.code)
    at_fault = RULE.match(error.field) if isinstance(error, Invalid) else None
    if isinstance(error, Invalid) and at_fault:
        why = told(error.words.removeprefix(f"{error.field}: "))
        return Note(
            _("没做成：写下的第 %(n)s 条规则，%(why)s", n=int(at_fault[1]) + 1, why=why), told(error.remedy), error.code
        )
    return notes.note_of(error)


def show_error(error: HubError) -> Response:
    """A page for a refusal that has no page of its own to stand on."""
    return make_response(render_template("error.html", note=note_of(error)), status_of(error))
