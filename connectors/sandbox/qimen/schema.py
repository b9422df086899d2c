"""The warehouse's own tables."""

SCHEMA = """
create table if not exists item (owner text, code text, item_id text not null, primary key (owner, code));
create table if not exists delivery (code text primary key, id text not null unique, customer text not null,
    warehouse text not null, order_type text not null, company text not null, asked_express text not null,
    receiver_mark text not null, oaid text not null, stage text not null, status text not null,
    on_hold integer not null default 0, parked integer not null default 0,
    created_at text not null, create_count integer not null default 1);
create table if not exists line (delivery text not null, line_no text not null, source_order text not null,
    sub_source text not null, owner text not null, item text not null, item_id text not null,
    inventory_type text not null, batch text not null, plan integer not null,
    cancelled integer not null default 0, picked integer not null default 0,
    actual integer not null default 0, primary key (delivery, line_no));
create index if not exists line_source on line (source_order);
create index if not exists line_picked on line (item) where picked > actual;
create index if not exists line_open on line (item) where plan - cancelled - actual > 0;
create table if not exists cancel (id integer primary key, delivery text not null, at text not null,
    ok integer not null, reason text not null, subs text not null);
create table if not exists process (id integer primary key, delivery text not null, status text not null,
    at text not null);
create table if not exists shipment (id integer primary key, delivery text not null, final integer not null,
    out_biz_code text not null unique, at text not null, parked integer not null default 0);
create table if not exists shipped_line (shipment integer not null, line_no text not null,
    batch text not null, quantity integer not null);
create table if not exists parcel (express_code text primary key, shipment integer not null,
    delivery text not null, company text not null, package_code text not null,
    intercepted integer not null default 0);
create table if not exists parcel_item (express_code text not null, line_no text not null,
    quantity integer not null);
create index if not exists parcel_delivery on parcel (delivery);
create table if not exists stall (id integer primary key, kind text not null, value text not null,
    stage text not null);
create table if not exists stock (warehouse text, owner text, item text, inventory_type text,
    on_hand integer not null check (on_hand >= 0), primary key (warehouse, owner, item, inventory_type));
create table if not exists return_order (code text primary key, id text not null, customer text not null,
    warehouse text not null, order_type text not null, company text not null, express_code text not null,
    reason text not null, sender text not null, status text not null);
create table if not exists return_line (return_order text not null, line_no text not null,
    source_order text not null, sub_source text not null, owner text not null, item text not null,
    item_id text not null, plan integer not null, good integer not null default 0,
    defective integer not null default 0, primary key (return_order, line_no));
create table if not exists outbox (id integer primary key, method text not null, customer text not null,
    about text not null, body blob not null, state text not null default 'waiting',
    tries integer not null default 0, sends_left integer not null default 1, first_at real,
    answered integer not null default 0);
create index if not exists outbox_state on outbox (state);
"""
