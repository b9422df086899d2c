"""Every table has its line in the glossary, and the glossary names no table that is not there."""

from __future__ import annotations

import re
from pathlib import Path

from oms.db import tables
from oms.db.base import Base

GLOSSARY = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
ROW = re.compile(r"^\| [^|]+ \| (?P<zh>[^|]+) \| `(?P<table>\w+)` · `(?P<name>\w+)` \| \S", re.MULTILINE)


def test_the_glossary_names_every_table_class_once() -> None:
    named = sorted((match["table"], match["name"]) for match in ROW.finditer(GLOSSARY.read_text("utf-8")))
    classes = {mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__module__.startswith("oms.db.")}
    assert named == sorted((table.__tablename__, table.__name__) for table in classes)
    assert {name for name, _ in named} <= set(tables.METADATA.tables)


def test_every_line_has_a_chinese_word() -> None:
    words = [match["zh"].strip() for match in ROW.finditer(GLOSSARY.read_text("utf-8"))]
    assert [word for word in words if not re.search(r"[一-鿿]", word)] == []
