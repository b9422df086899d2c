"""The one way in which a rule document is turned down: where, why and what to do, in both languages."""

from __future__ import annotations


class RuleRefused(ValueError):
    """A rule document cannot be accepted; nothing of it has taken effect.

    `path` is a JSON pointer (RFC 6901) to the culprit as in `/rules/2/when/all/0/value`, empty for the whole
    document. `code` is stable and fit for tests; the sentences are for people. Correct the place and submit the
    document again.
    """

    def __init__(self, code: str, path: str, **words: object) -> None:
        reason_zh, reason_en, remedy_zh, remedy_en = _SENTENCES[code]
        shown = {name: _short(word) for name, word in words.items()}
        self.code = code
        self.path = path
        shown_zh = shown | {name: _WORDS_ZH.get(shown[name], shown[name]) for name in ("what", "type") if name in shown}
        self.reason_zh = reason_zh.format(**shown_zh)
        self.reason_en = reason_en.format(**shown)
        self.remedy_zh = remedy_zh.format(**shown_zh)
        self.remedy_en = remedy_en.format(**shown)
        super().__init__(f"{path or 'document'}: {self.reason_en}; {self.remedy_en}")


def pointer_to(wanted: object, document: object) -> str:
    """The JSON pointer to this very object inside a document; empty when it is the document or cannot be told."""
    open_ends: list[tuple[str, object]] = [("", document)]
    while open_ends:
        path, value = open_ends.pop()
        if value is wanted:
            return path if path.isprintable() and len(path) <= 500 else ""
        children = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
        open_ends.extend((f"{path}/{_token(str(key))}", child) for key, child in children)
    return ""


def _token(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _short(word: object) -> str:
    """Words of the document are quoted in sentences: a megabyte of them is cut, control characters are not repeated."""
    text = str(word)[:200].encode("utf-8", "replace").decode()
    text = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:121])
    return text if len(text) <= 120 else text[:120] + "…"


# What is counted and types of facts, as they are called in the Chinese sentences.
_WORDS_ZH = {
    "bytes": "字节",
    "characters": "字",
    "items": "项",
    "conditions and groups": "条件和组",
    "bool": "是否",
    "integer": "整数",
    "money": "金额",
    "decimal": "小数",
    "text": "文本",
    "code": "代码",
    "set": "集合",
    "datetime": "时间",
    "duration": "时长",
    "count": "数量",
}

# code: (reason 中文, reason English, remedy 中文, remedy English)
_SENTENCES: dict[str, tuple[str, str, str, str]] = {
    "json": (
        "不是合法的 JSON：{why}",
        "this is not valid JSON: {why}",
        "请用 JSON 编辑器检查",
        "check it in a JSON editor",
    ),
    "repeated_key": ("键 {key} 出现了两次", "the key {key} occurs twice", "只保留一个", "keep one of them"),
    "too_large": (
        "超过上限 {limit}（{what}）",
        "this exceeds the limit of {limit} ({what})",
        "请拆分或精简",
        "split it or make it smaller",
    ),
    "too_deep": (
        "条件嵌套超过 {limit} 层",
        "conditions are nested deeper than {limit} levels",
        "请合并内层的组，或拆成多条规则",
        "merge inner groups or split the rule",
    ),
    "wrong_shape": ("这里应为{want_zh}", "expected {want_en} here", "请按说明改写", "write it as expected"),
    "missing_key": ("缺少 {key}", "{key} is missing", "请补上", "add it"),
    "unknown_key": ("不认识的键 {key}", "unknown key {key}", "可用的键：{known}", "known keys: {known}"),
    "format": ("不支持的格式版本 {seen}", "format {seen} is not supported", "请使用格式 {known}", "use format {known}"),
    "stage": ("没有 {seen} 这个环节", "there is no stage {seen}", "可用环节：{known}", "stages: {known}"),
    "bad_id": (
        "编号 {seen} 不合规则",
        "{seen} is not an acceptable id",
        "用小写字母、数字、- 和 _，以字母或数字开头，最长 64",
        "use lower-case letters, digits, - and _, starting with a letter or digit, at most 64",
    ),
    "repeated_id": (
        "规则编号 {seen} 重复",
        "the rule id {seen} is used twice",
        "每条规则用不同的编号",
        "give every rule its own id",
    ),
    "empty_group": (
        "{kind} 组是空的",
        "the {kind} group is empty",
        "请加条件；要“始终成立”请写 all: []",
        'add a condition; for "always" write all: []',
    ),
    "no_actions": (
        "规则没有动作也不停止",
        "the rule has no action and does not stop",
        "请至少加一个动作",
        "add at least one action",
    ),
    "fact": (
        "没有 {seen} 这个条件字段",
        "there is no fact {seen}",
        "请从字段列表中选择{near}",
        "choose one from the list of facts{near}",
    ),
    "fact_stage": (
        "字段 {seen} 在环节 {stage} 不可用",
        "the fact {seen} is not known at stage {stage}",
        "它可用于：{known}",
        "it is known at: {known}",
    ),
    "action": (
        "没有 {seen} 这个动作",
        "there is no action {seen}",
        "请从动作列表中选择{near}",
        "choose one from the list of actions{near}",
    ),
    "action_stage": (
        "动作 {seen} 在环节 {stage} 不可用",
        "the action {seen} cannot be used at stage {stage}",
        "它可用于：{known}",
        "it can be used at: {known}",
    ),
    "op": ("没有 {seen} 这个运算符", "there is no operator {seen}", "可用：{known}", "operators: {known}"),
    "op_type": (
        "运算符 {seen} 不适用于{type}类型",
        "the operator {seen} does not apply to a {type} fact",
        "可用：{known}",
        "operators for it: {known}",
    ),
    "no_value": ("运算符 {seen} 不需要 value", "the operator {seen} takes no value", "请删去 value", "remove the value"),
    "choice": ("{seen} 不在可选值中", "{seen} is not one of the choices", "可选：{known}", "choices: {known}"),
    "float": (
        "小数不能写成 JSON 数字",
        "a fraction cannot be written as a JSON number",
        '请加引号，如 "1.5"',
        'put it in quotes, as "1.5"',
    ),
    "out_of_range": (
        "数值应在 {low} 与 {high} 之间",
        "the number must be between {low} and {high}",
        "请改小或改大",
        "change the number",
    ),
    "bad_text": (
        "文字含有不可用的字符",
        "the text holds characters that cannot be stored",
        "请删去控制字符和残缺的代理字符",
        "remove control characters and lone surrogates",
    ),
    "empty_text": (
        "文字是空的",
        "the text is empty",
        "请填写；判断是否为空请用 is_empty",
        "fill it in; to ask for emptiness use is_empty",
    ),
    "empty_list": ("列表是空的", "the list is empty", "请至少填一项", "add at least one item"),
    "repeated_item": ("{seen} 重复出现", "{seen} occurs twice", "只保留一个", "keep one of them"),
    "order": ("下限大于上限", "the lower bound is above the upper bound", "请对调两端", "swap the two bounds"),
    "datetime": (
        "{seen} 不是带时区的时间",
        "{seen} is not a time with an offset",
        "请写成 2026-11-11T00:00:00+08:00",
        "write it as 2026-11-11T00:00:00+08:00",
    ),
    "time_zone": (
        "不认识的时区 {seen}",
        "unknown time zone {seen}",
        "请用 IANA 名称，如 Asia/Shanghai",
        "use an IANA name such as Asia/Shanghai",
    ),
    "clock": (
        "{seen} 不是时刻",
        "{seen} is not a time of day",
        "请写成 HH:MM，止可为 24:00",
        "write it as HH:MM; `to` may be 24:00",
    ),
    "empty_window": (
        "时段起止相同",
        "the window starts and ends at the same moment",
        "全天请写 00:00 到 24:00",
        "for a whole day write 00:00 to 24:00",
    ),
    "empty_period": (
        "时间范围没有内容",
        "the period holds no moment",
        "from 须早于 until，且至少填一个",
        "from must be before until, and one of them must be given",
    ),
    "sentence": (
        "第 {at} 个字起读不懂：{seen}",
        "cannot be read from character {at}: {seen}",
        "{hint_zh}",
        "{hint_en}",
    ),
    "pattern": (
        "匹配式第 {at} 位不可用：{seen}",
        "the pattern cannot be used at position {at}: {seen}",
        "{hint_zh}",
        "{hint_en}",
    ),
}
