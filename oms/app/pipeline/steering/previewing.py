"""What a change of a setting would have done: the change as a variant, to be tried over open or past orders."""

from __future__ import annotations

from typing import Final

from oms.app.kernel.hub import Hub
from oms.app.pipeline.steering.policies import check_for, name_place
from oms.app.pipeline.steering.setting import Setting
from oms.app.pipeline.variants.asking import NAME, add_variant, change_variant, list_variants

#: Trials of one place go by one name, so that trying again replaces what was tried before.
NAMED: Final = "寻源试改：{place}"


def keep_preview(hub: Hub, scope: str, scope_id: int, wanted: Setting, actor: str) -> int:
    """Keep what a place might say as a variant; answers its id. Nothing follows it. Invalid as if it were set."""
    key = f"{scope}:{scope_id}"
    with hub.engine.connect() as connection:
        check_for(connection, scope, scope_id, wanted)
        name = f"{NAMED.format(place=name_place(connection, scope, scope_id))} ({key})"[:NAME]
        known = next((row.id for row in list_variants(connection) if row.name == name), None)
    document = {"settings": {key: wanted.written()}}
    if known is None:
        return add_variant(hub, name, document, actor)
    change_variant(hub, known, name, document)
    return int(known)
