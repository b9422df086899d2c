"""The Tabler icons the console uses, and the mark-up that shows one from the sprite."""

from __future__ import annotations

from markupsafe import Markup

ICONS = (
    "activity",
    "alert-circle",
    "alert-triangle",
    "arrow-back-up",
    "ban",
    "bell",
    "box",
    "building-store",
    "building-warehouse",
    "calendar",
    "cash",
    "check",
    "chevron-down",
    "clipboard-check",
    "clock",
    "copy",
    "database",
    "device-floppy",
    "dots",
    "eye",
    "file-alert",
    "filter",
    "flag",
    "gift",
    "git-branch",
    "git-merge",
    "hand-stop",
    "help-circle",
    "home",
    "hourglass",
    "info-circle",
    "list-check",
    "lock",
    "logout",
    "map-pin",
    "moon",
    "note",
    "package",
    "phone",
    "player-pause",
    "player-play",
    "plug-connected",
    "plus",
    "receipt",
    "receipt-refund",
    "refresh",
    "scale",
    "search",
    "send",
    "settings",
    "square-check",
    "sun",
    "trash",
    "truck-delivery",
    "users",
    "x",
)
SPRITE = "vendor/icons.svg"


def icon(name: str, size: str = "") -> Markup:
    """An icon of the sprite; `size` may be "i-s". It is decoration: the words beside it carry the meaning."""
    if name not in ICONS:
        raise LookupError(f"icon {name!r} is not in the sprite; add it to oms.console.icons.ICONS")
    classes = f"i {size}".strip()
    return Markup('<svg class="{}" aria-hidden="true"><use href="/static/console/{}#{}"/></svg>').format(
        classes, SPRITE, name
    )
