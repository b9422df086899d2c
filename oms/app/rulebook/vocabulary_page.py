"""Writes the tables of facts and actions into docs/rules.md: `python -m oms.app.rulebook.vocabulary_page`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from oms.app.rulebook.facts.binding import EVERYWHERE, MATCHED, PLANNED, Fact, Stands
from oms.app.rulebook.vocabulary import FACTS, VOCABULARY
from rules.model import ActionSpec, Choice

PAGE: Final = Path(__file__).resolve().parents[3] / "docs" / "rules.md"
BEGIN: Final = "<!-- written by `python -m oms.app.rulebook.vocabulary_page`, do not edit by hand -->"
END: Final = "<!-- end of what is written -->"
STAGES: Final = {EVERYWHERE: "all", MATCHED: "from preprocess", PLANNED: "once planned"}
STANDS: Final = {Stands.CAPTURED: "", Stands.AS_OF: "as of then", Stands.NOW: "now"}


def written() -> str:
    """The part of the page that is made from the vocabulary."""
    facts = sorted(FACTS.values(), key=lambda fact: fact.spec.name)
    head = ("| fact | 中文 | English | type | stages | stands for | SQL |", "|---|---|---|---|---|---|---|")
    actions = ("### Actions 动作", "", "| action | 中文 | English | stages | parameters |", "|---|---|---|---|---|")
    rows = [*head, *map(_fact, facts), "", *actions, *map(_action, VOCABULARY.actions.values())]
    return "\n".join([BEGIN, "", *rows, "", END])


def page(before: str) -> str:
    """The whole page with that part renewed."""
    start, end = before.index(BEGIN), before.index(END) + len(END)
    return before[:start] + written() + before[end:]


def _fact(fact: Fact) -> str:
    spec = fact.spec
    unit = (
        "" if not spec.unit else f" {spec.unit}" if spec.unit == spec.unit_en or not spec.unit_en else f" {spec.unit_en}"
    )
    kind = f"{spec.type}{unit}" + (f": {_choices(spec.choices)}" if spec.choices else "")
    sql = spec.python_only_reason or ("yes, null when unknown" if fact.may_be_unknown else "yes")
    stages = STAGES.get(spec.stages) or ", ".join(sorted(spec.stages))
    return f"| `{spec.name}` | {spec.label_zh} | {spec.label_en} | {kind} | {stages} | {STANDS[fact.stands]} | {sql} |"


def _action(spec: ActionSpec) -> str:
    params = "; ".join(
        f"`{param.name}` {param.label_zh}, {param.type}" + (f": {_choices(param.choices)}" if param.choices else "")
        for param in spec.params
    )
    return f"| `{spec.name}` | {spec.label_zh} | {spec.label_en} | {', '.join(sorted(spec.stages))} | {params} |"


def _choices(choices: tuple[Choice, ...]) -> str:
    return " ".join(f"`{choice.code}`" for choice in choices)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
