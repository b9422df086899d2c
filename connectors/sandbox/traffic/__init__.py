"""Seeded traffic: a catalogue, buyers and trades as plans, and trade documents made from plans.

Pure functions only; nothing here is stored, served or timed.
"""

from connectors.sandbox.traffic.catalogue import catalogue
from connectors.sandbox.traffic.documents import mask_receiver, oaid_of, receiver_key, trade_document
from connectors.sandbox.traffic.money import fen, shares, yuan
from connectors.sandbox.traffic.people import draw_buyer, draw_receiver
from connectors.sandbox.traffic.plans import KINDS, draw_kind, plan_merge_pair, plan_trade

__all__ = [
    "KINDS",
    "catalogue",
    "draw_buyer",
    "draw_kind",
    "draw_receiver",
    "fen",
    "mask_receiver",
    "oaid_of",
    "plan_merge_pair",
    "plan_trade",
    "receiver_key",
    "shares",
    "trade_document",
    "yuan",
]
