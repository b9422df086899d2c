"""What the rule editor offers, from the vocabulary: facts by subject with their comparisons, actions with parameters."""

from __future__ import annotations

from typing import Any, Final

from oms.app.rulebook.vocabulary import SUBJECTS, VOCABULARY
from oms.console.messages import _, _l
from oms.console.rules.editor.known import OF_FACTS, OF_PARAMS
from oms.console.rules.editor.typed import UNITS, amount_unit
from oms.console.translating import TIMEZONE, language
from rules.model import ActionSpec, Choice, FactSpec, ParamSpec, ValueType
from rules.operators import OPERATORS, operators_for
from rules.phrases import CURRENCY_ZH, phrase_of

#: What the facts of each module are about; one that is not named here is shown under 其他.
HEADINGS: Final = {
    "order": _l("订单"),
    "lines": _l("订单明细"),
    "goods": _l("货品"),
    "money": _l("金额"),
    "margin": _l("成本和毛利"),
    "papers": _l("收款、发票、售后"),
    "receiver": _l("收货地址"),
    "sealed": _l("收货人和备注"),
    "history": _l("买家"),
    "shop": _l("店铺"),
    "moments": _l("时间"),
    "plan": _l("发货计划"),
    "case": _l("售后单"),
}


#: Types whose values may be codes of something the hub knows.
CODED: Final = (ValueType.TEXT, ValueType.CODE, ValueType.SET)


def pickers(stage: str) -> dict[str, Any]:
    """Facts and actions of a stage in the reader's language, as the page's script reads them."""
    return {
        "facts": _facts(stage),
        "actions": [_action(spec) for spec in VOCABULARY.actions.values() if stage in spec.stages],
        "lengths": [{"code": str(unit), "label": word} for unit, word in zip(UNITS, _lengths(), strict=True)],
        "days": [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")],
        "zone": TIMEZONE,
        "language": language(),
        "words": _script_words(),
    }


def _script_words() -> dict[str, str]:
    """What the page's script says by itself; {n} is a number or a name that it puts in."""
    return {
        "condition": _("条件 {n}"),
        "group": _("条件组 {n}"),
        "all_conditions": _("全部条件"),
        "action": _("动作 {n}"),
        "active": _("生效时间 {n}"),
        "excluded": _("除外时间 {n}"),
        "limit": _("限额 {n}"),
        "move": _("移动 {n}"),
        "remove": _("删掉 {n}"),
        "unnamed": _("没有名称"),
        "new_rule": _("新规则"),
        "copy_of": _("{n} 的副本"),
        "count": _("{n} 条"),
        "faults": _("{n} 处"),
        "off": _("停用"),
        "pick": _("选一个"),
        "yes": _("是"),
        "no": _("否"),
        "value": _("值"),
        "low": _("下限"),
        "high": _("上限"),
        "unit": _("单位"),
        "add_value": _("加一个值"),
        "none_found": _("没有叫这个的字段"),
        "to": _("至"),
        "nothing": _("没有条件，始终成立"),
        "lost": _("没存上：连不上服务器。写的还在，再存一次"),
        "kept_out": _("没存上：登录过期或没有权限。在另一页登录，再回来存"),
        "unsaved": _("有没存的改动"),
        "saved": _("都存好了"),
        "gone": _("这里不认识的字段"),
        "turn_on": _("启用"),
        "turn_off": _("停用"),
        "enter": _("回车加进来"),
        "optional": _("可空"),
        "also": _("；"),
    }


def _facts(stage: str) -> list[dict[str, Any]]:
    found = []
    for subject in SUBJECTS:
        heading = str(HEADINGS.get(subject.__name__.rpartition(".")[2], _("其他")))
        known = [VOCABULARY.facts[fact.spec.name] for fact in subject.FACTS]
        found += [_fact(spec, heading) for spec in known if stage in spec.stages]
    return found


def _fact(spec: FactSpec, heading: str) -> dict[str, Any]:
    zh, en = spec.label_zh, spec.label_en
    return {
        "name": spec.name,
        "label": en if language() == "en" else zh,
        "other": zh if language() == "en" else en,
        "group": heading,
        "type": spec.type.value,
        "unit": _unit(spec.type, spec.unit, spec.unit_en),
        "choices": _choices(spec.choices),
        "known": OF_FACTS.get(spec.name, ""),
        "ops": [_operator(spec, op) for op in operators_for(spec.type)],
    }


def _operator(spec: FactSpec, op: str) -> dict[str, str]:
    words = phrase_of(spec, op, is_one=False)[language() == "en"].strip()
    before, _value, after = words.partition("{value}")
    label = f"{before.strip()}…{after}" if after else before.strip()
    return {"code": op, "label": label, "shape": OPERATORS[op].shape.value}


def _action(spec: ActionSpec) -> dict[str, Any]:
    currency = amount_unit(spec.name)
    return {
        "name": spec.name,
        "label": spec.label_en if language() == "en" else spec.label_zh,
        "params": [_param(param) for param in spec.params],
        "gives": _unit(ValueType.MONEY, currency, currency) if currency else _("件") if spec.param("units") else "",
    }


def _param(param: ParamSpec) -> dict[str, Any]:
    return {
        "name": param.name,
        "label": param.label_en if language() == "en" else param.label_zh,
        "type": param.type.value,
        "unit": _unit(param.type, param.unit, param.unit_en),
        "choices": _choices(param.choices),
        "known": OF_PARAMS.get(param.name, "") if param.type in CODED else "",
        "required": param.required,
    }


def _choices(choices: tuple[Choice, ...]) -> list[dict[str, str]]:
    return [{"code": one.code, "label": one.label_en if language() == "en" else one.label_zh} for one in choices]


def _unit(kind: ValueType, unit: str, unit_en: str) -> str:
    if language() == "en":
        return unit_en or unit
    return CURRENCY_ZH.get(unit, unit) if kind is ValueType.MONEY else unit


def _lengths() -> tuple[str, ...]:
    return _("秒"), _("分"), _("小时"), _("天")
