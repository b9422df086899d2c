"""Turns the hub's errors and outcomes into notes on the page: what happened, why, what to do next."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import Response, current_app, flash, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from oms.console.messages import _
from oms.console.refusals import told as retold
from oms.console.translating import language
from oms.domain import lifecycle
from oms.domain.errors import Busy, Forbidden, HubError, Invalid, NotFound, Stale, WrongState
from oms.domain.lifecycle_stock import STOCK_MACHINES

MACHINES = {machine.name: machine for machine in (*lifecycle.MACHINES, *STOCK_MACHINES)}
STATUSES: dict[type[HubError], int] = {
    Forbidden: 403,
    NotFound: 404,
    WrongState: 409,
    Stale: 409,
    Busy: 409,
    Invalid: 422,
}


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence, what helps, and a code that can be quoted."""

    title: str
    remedy: str = ""
    code: str = ""
    kind: str = "late"
    field: str = ""


def status_of(error: HubError) -> int:
    """The HTTP status of an error."""
    return next((code for kind, code in STATUSES.items() if isinstance(error, kind)), 422)


def note_of(error: HubError) -> Note:
    """The note for a refusal: the kind in the reader's language, the error's own words, its remedy."""
    kinds = {
        "wrong-state": _("没做成：单据状态已经变了"),
        "stale": _("没保存：刚被别人改过"),
        "busy": _("没做成：系统正在处理这一单，过几秒再点"),
        "forbidden": _("没做成：你没有这个权限"),
        "not-found": _("没找到这张单据"),
        "invalid": _("没保存：有一项填得不对"),
    }
    title, words = kinds.get(error.code, _("没做成")), _words(error)
    told = f"{title}（{words}）" if language() == "zh" else f"{title} ({words})"
    field = error.field if isinstance(error, Invalid) else ""
    return Note(told, retold(error.remedy), error.code, field=field)


def _words(error: HubError) -> str:
    """What the error says, in the reader's language as far as its sentence is known."""
    if isinstance(error, WrongState) and error.machine in MACHINES:
        term = MACHINES[error.machine].terms.get(error.state)
        return _("现在是「%(state)s」", state=_(term)) if term else _(error.state)
    if isinstance(error, Invalid):
        words = retold(error.words.removeprefix(f"{error.field}: "))
        is_label = language() == "zh" and not error.field.isascii()
        return f"{error.field}：{words}" if is_label else words
    return retold(error.words)


def show_failure(number: str) -> Response:
    """A page for a defect: nothing was lost, and a number to quote. It asks the database for nothing."""
    return make_response(render_template("failure.html", number=number), 500)


def show_error(error: HubError) -> Response:
    """A page for an error that no view took care of."""
    page = render_template("error.html", note=note_of(error))
    return make_response(page, status_of(error))


def show_http_error(error: HTTPException) -> Response | HTTPException:
    """A page for a missing address or a missing permission."""
    titles = {
        401: (_("先登录"), _("登录后回到这一页")),
        403: (_("这一页不归你"), _("要用的话，找管理员加权限")),
        404: (_("没有这一页"), _("从左边的菜单进，或用上面的搜索找单号")),
        405: (_("这个地址只收表单，打不开"), _("从左边的菜单进，或回到上一页")),
        413: (_("没做成：文件太大"), _("分成几个小文件再传")),
        400: (_("没做成：发来的内容读不懂"), _("从页面上的按钮再做一次")),
    }
    if error.code == 500:
        number = secrets.token_hex(4)
        current_app.logger.error("console failure %s at %s", number, request.endpoint)
        return show_failure(number)
    if error.code not in titles:
        return error
    title, remedy = titles[error.code]
    if isinstance(error, CSRFError):
        title, remedy = _("没做成：这一页放得太久了"), _("刷新页面，再点一次")
    return make_response(render_template("error.html", note=Note(title, remedy)), error.code)


def say(words: str, kind: str = "ok") -> None:
    """Show a sentence on the next page."""
    flash(words, kind)


def say_refused(error: HubError) -> None:
    """Show a refusal on the next page, which is another than the form's answer."""
    told: Any = asdict(note_of(error))  # The session keeps whatever JSON can say.
    flash(told, "refused")


def offer_undo(words: str, address: str, fields: Mapping[str, object]) -> None:
    """Show that something was done on the next page, with a button that posts these fields to take it back."""
    pairs = [(name, one) for name, told in fields.items() for one in (told if isinstance(told, list) else [told])]
    told: Any = {"words": words, "address": address, "fields": pairs}  # The session keeps whatever JSON can say.
    flash(told, "undo")


def back(default: str) -> BaseResponse:
    """Return to the page an action came from (`next`, a path of our own), else to `default`."""
    wanted = request.form.get("next", "")
    own = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return redirect(wanted if own else default, 303)
