"""Invented buyers: names, telephone numbers of never-issued blocks, addresses. No trades."""

import hashlib
import random
from typing import Any

from connectors.sandbox.traffic.places import COMPOUNDS, PLACES, STREETS

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰萍红玲建国文辉宇轩子涵欣怡梓晨雨桐浩然"
DOUBLE_SURNAMES = ("欧阳", "司马", "上官", "诸葛")
# The four zeros after the network prefix are blocks that operators do not give out.
PREFIXES = ("134", "138", "150", "158", "166", "177", "186", "188", "191", "199")


def draw_buyer(rng: random.Random) -> dict[str, Any]:
    """A buyer with one address: open_uid, nick and the receiver in clear."""
    number = rng.getrandbits(48)
    return {
        "open_uid": "AAE" + hashlib.sha256(number.to_bytes(6, "big")).hexdigest()[:28],
        "nick": f"tb{number % 10**9:09d}",
        "receiver": draw_receiver(rng),
    }


def draw_receiver(rng: random.Random) -> dict[str, str]:
    """A receiver in clear: name, mobile, the place by name and division code, street address."""
    place = rng.choice(PLACES)
    street = f"{rng.choice(STREETS)}{rng.randint(1, 888)}号{rng.choice(COMPOUNDS)}"
    return {
        "name": draw_name(rng),
        "mobile": f"{rng.choice(PREFIXES)}0000{rng.randrange(10_000):04d}",
        "phone": "",
        "country": "",
        "state": place.state,
        "city": place.city,
        "district": place.district,
        "town": place.town,
        "zip": place.zip,
        "division_code": place.code,
        "address": f"{street}{rng.randint(1, 30)}幢{rng.randint(1, 33)}0{rng.randint(1, 4)}室",
    }


def draw_name(rng: random.Random) -> str:
    """A Chinese name of two to four characters."""
    surname = rng.choice(DOUBLE_SURNAMES) if rng.random() < 0.02 else rng.choice(SURNAMES)
    given = rng.choice(GIVEN)
    return surname + given + (rng.choice(GIVEN) if rng.random() < 0.6 else "")
