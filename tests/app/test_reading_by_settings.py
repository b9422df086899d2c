"""How a shop's documents are read is a setting of its account, and intake reads them so."""

from __future__ import annotations

from connectors.contract import records as r
from oms.app.capture.intake import parser_of
from tests.factories import World, a_document, raw, take
from tests.fakes import PlainMarket


class Particular(PlainMarket):
    """A platform whose payment on delivery only the shop's owner can name."""

    def parse_order(self, body: bytes) -> r.OrderRecord:
        assert self.account.secrets == {}
        if self.account.settings.get("cod_methods") == "cash" and b'"cash"' in body:
            body = body.replace(b'"is_cod":false', b'"is_cod":true')
        return super().parse_order(body)


def test_documents_are_read_with_the_settings_of_the_shops_account(world: World) -> None:
    world.hub.vendors["plain"] = Particular
    world.run("""update account set settings = '{"cod_methods": "cash"}' where id = 1""")
    take(world, raw(a_document("S1", is_cod=False, platform_status="cash")))
    assert world.one("select is_cod from orders where external_no = 'S1'") is True


def test_a_change_of_the_settings_counts_from_the_next_document_on(world: World) -> None:
    world.hub.vendors["plain"] = Particular
    with world.hub.engine.connect() as connection:
        before = parser_of(world.hub, world.hub.masters.get(connection, world.clock()).shops[1])
        world.run("""update account set settings = '{"memo_key": "note"}', timezone = 'UTC' where id = 1""")
        after = parser_of(world.hub, world.hub.masters.get(connection, world.clock()).shops[1])
    assert before.account.settings == {}
    assert (after.account.settings, after.account.timezone) == ({"memo_key": "note"}, "UTC")
