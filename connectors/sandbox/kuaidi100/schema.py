"""The tracker's own tables."""

SCHEMA = """
create table if not exists parcel (number text primary key, company text not null, origin text not null,
    target text not null, tail text not null, version integer not null default 1,
    next_step integer not null default 0, ended text not null default '', message text not null default '');
create table if not exists wish (number text primary key, outcome text not null);
create table if not exists event (id integer primary key, number text not null, at text not null,
    code text not null, context text not null, city text not null);
create index if not exists event_number on event (number);
create table if not exists subscription (id integer primary key, number text not null, company text not null,
    callback text not null, salt text, resultv2 text not null, at text not null,
    is_active integer not null default 1);
create index if not exists subscription_number on subscription (number);
create table if not exists push (id integer primary key, subscription integer not null, param text not null,
    state text not null default 'waiting', tries integer not null default 0,
    sends_left integer not null default 1);
create index if not exists push_state on push (state);
"""
