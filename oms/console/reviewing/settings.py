"""设置 · 审核: how each shop reviews, who may pass how much, and who is on duty when."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from oms.app.kernel import review_settings
from oms.app.kernel.queries.duty import duty_turns, load_teams
from oms.app.kernel.queries.names import ShopName
from oms.app.kernel.queries.reviewers import ANY_AMOUNT, PASSES, UNLIMITED, load_limits
from oms.app.kernel.queries.settings import people
from oms.console.context import actor, close_connection, connection, everywhere, hub, person, shops
from oms.console.forms import money, picked, ticked
from oms.console.messages import _, _l
from oms.console.notes import Note, note_of, say, status_of
from oms.console.permissions import BUILT_IN_ROLES, permissions_of
from oms.console.rendering import label
from oms.console.security import requires
from oms.console.sign_in.roles import keep_roles
from oms.db.people import Role
from oms.domain.errors import HubError, Invalid
from oms.domain.review import BY_BIT, TIERS, ReviewPlan

EDIT = "review.edit"
MODES = {"auto": _l("按规则"), "manual": _l("每单都看"), "skip": _l("跳过")}
DAYS = {1: _l("周一"), 2: _l("周二"), 3: _l("周三"), 4: _l("周四"), 5: _l("周五"), 6: _l("周六"), 7: _l("周日")}
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
pages = Blueprint("review_settings", __name__, url_prefix="/settings/review")


@dataclass(frozen=True, slots=True)
class RoleNamed:
    """A role that reviews up to a limit; built-in ones are there before anybody has them."""

    name: str
    words: str


@pages.get("")
@requires(EDIT)
def overview() -> str:
    """Tiers by shop, limits, shifts."""
    return _page()


@pages.get("/shops/<int:shop_id>")
@requires(EDIT)
def shop(shop_id: int) -> str:
    """How one shop reviews."""
    return _shop_page(_own_shop(shop_id))


@pages.post("/shops/<int:shop_id>")
@requires(EDIT)
def change_shop(shop_id: int) -> Response:
    """Save how a shop reviews from now on."""
    own = _own_shop(shop_id)
    try:
        modes = {tier.bit: request.form.get(f"mode{tier.bit}", "") for tier in TIERS}
        in_order = request.form.get("in_order") == "1"
        order = _order() if in_order else list(BY_BIT)
        close_connection()
        review_settings.change_tiers(hub(), shop_id, modes, order, in_order=in_order, actor=actor())
    except HubError as error:
        return make_response(_shop_page(own, note_of(error)), status_of(error))
    say(_("「%(name)s」的审核已保存；从现在起审的单按新的来，已经在等的不变", name=own.name))
    return make_response(redirect(url_for("review_settings.overview"), 303))


@pages.post("/limits")
@requires(EDIT)
def put_limit() -> Response:
    """Set what a role may pass at a tier."""
    return _change(_put_limit, _("限额已保存，马上生效"))


@pages.post("/limits/remove")
@requires(EDIT)
def drop_limit() -> Response:
    """Take a limit away; a tier without any lets everybody pass."""
    return _change(_drop_limit, _("限额已去掉，马上生效"))


@pages.post("/shifts")
@requires(EDIT)
def put_shift() -> Response:
    """Add a shift."""
    return _change(_put_shift, _("班次已加上"))


@pages.post("/shifts/<int:shift_id>/remove")
@requires(EDIT)
def drop_shift(shift_id: int) -> Response:
    """Remove a shift."""
    return _change(lambda: review_settings.remove_shift(hub(), shift_id, actor()), _("班次已删掉"))


def _change(act: Callable[[], None], done: str) -> Response:
    """Do what touches all shops, for people who may in all of them."""
    if not everywhere(EDIT):
        abort(403)
    try:
        act()
    except HubError as error:
        return make_response(_page(note_of(error), request.form), status_of(error))
    say(done)
    return make_response(redirect(url_for("review_settings.overview"), 303))


def _put_limit() -> None:
    tier, currency = _tier(), request.form.get("currency", "").strip().upper()
    most = None if "any" in request.form else money("most", currency)
    with hub().begin() as writing:
        keep_roles(writing)
        role_id = writing.scalar(select(Role.id).where(Role.name == request.form.get("role", "")))
    if role_id is None:
        raise Invalid("role", "there is no such role", "choose one of the list")
    held = {key: _opened(held) for key, held in load_limits(connection(), tier).items()}
    _write_limits(tier, held | {(role_id, currency): most})


def _drop_limit() -> None:
    tier, currency, role_id = _tier(), request.form.get("currency", ""), picked("role_id")
    held = {key: _opened(held) for key, held in load_limits(connection(), tier).items()}
    _write_limits(tier, {key: most for key, most in held.items() if key != (role_id, currency)})


def _opened(most: int) -> int | None:
    return None if most >= UNLIMITED else most


def _write_limits(tier: int, limits: Mapping[tuple[int, str], int | None]) -> None:
    close_connection()
    rows = [(role_id, currency, most) for (role_id, currency), most in limits.items()]
    review_settings.change_limits(hub(), tier, rows, actor())


def _put_shift() -> None:
    team_id, user_id, name = picked("team"), picked("person"), request.form.get("new_team", "").strip()
    starts, ends = _minute("starts"), _minute("ends")
    if user_id is None:
        raise Invalid("person", _("选一个人"))
    if team_id is None and not name:
        raise Invalid("team", _("选一个组，或写新组的名字"))
    close_connection()
    made = review_settings.make_team(hub(), name, actor()) if team_id is None else team_id
    zone = request.form.get("timezone", "").strip()
    review_settings.add_shift(hub(), made, user_id, ticked("day"), starts, ends, zone, actor())


def _minute(name: str) -> int:
    found = CLOCK.fullmatch(request.form.get(name, "").strip())
    if found is None:
        raise Invalid(name, _("要写成 09:00 这样的时刻"))
    return int(found[1]) * 60 + int(found[2])


def _tier() -> int:
    tier = picked("tier")
    if tier not in BY_BIT:
        raise Invalid("tier", _("选一级"))
    return tier


def _order() -> list[int]:
    """The tiers by the places that were typed; each place is one tier's."""
    places = {tier.bit: picked(f"place{tier.bit}") for tier in TIERS}
    if sorted(place or 0 for place in places.values()) != [1, 2, 3, 4]:
        raise Invalid("place1", _("先后要是 1、2、3、4，各用一次"))
    return sorted(places, key=lambda bit: places[bit] or 0)


def _own_shop(shop_id: int) -> ShopName:
    found = shops("order.view").get(shop_id)
    if found is None:
        abort(404)
    if not person().allows(EDIT, shop_id):
        abort(403)
    return found


def _plans() -> dict[int, ReviewPlan]:
    """Shop → how it reviews, as it is in the database now."""
    hub().masters.forget()
    cards = hub().masters.get(connection(), hub().clock()).shops
    return {shop_id: card.plan for shop_id, card in cards.items()}


def _roles() -> list[RoleNamed]:
    found = {
        role.name: RoleNamed(role.name, label(role.label_zh, role.label_en))
        for role in BUILT_IN_ROLES.values()
        if _is_limited(role.permissions)
    }
    for name, zh, en, given in connection().execute(
        select(Role.name, Role.label_zh, Role.label_en, Role.permissions).order_by(Role.id)
    ):
        if _is_limited(permissions_of(name, given)):
            found.setdefault(name, RoleNamed(name, label(zh, en) or name))
    return list(found.values())


def _is_limited(permissions: frozenset[str]) -> bool:
    """Whether a limit would mean anything for who has these."""
    return PASSES in permissions and ANY_AMOUNT not in permissions


def _page(note: Note | None = None, typed: Mapping[str, str] | None = None) -> str:
    names = {row.id: label(row.label_zh, row.label_en) or row.name for row in connection().execute(select(Role))}
    limits = [
        (tier, role_id, names.get(role_id, "–"), currency, _opened(most))
        for tier in TIERS
        for (role_id, currency), most in sorted(load_limits(connection(), tier.bit).items())
    ]
    return render_template(
        "review/settings.html", shops=shops(EDIT), plans=_plans(), modes=MODES, tiers=TIERS, limits=limits,
        roles=_roles(), turns=duty_turns(connection(), hub().clock()), teams=load_teams(connection()), days=DAYS,
        people=[one for one in people(connection()) if one.active], may_all=everywhere(EDIT), note=note,
        typed=typed or {},
    )  # fmt: skip


def _shop_page(own: ShopName, note: Note | None = None) -> str:
    plan = _plans().get(own.id, ReviewPlan())
    return render_template(
        "review/shop.html", shop=own, plan=plan, modes=MODES, tiers=TIERS, note=note, typed=request.form,
        places={bit: place for place, bit in enumerate(plan.order or BY_BIT, 1)},
    )  # fmt: skip
