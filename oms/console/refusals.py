"""What connectors and use cases say in English, and keep of failures, told in the reader's language with its remedy.

What is stored stays English. The sentences live in translations/zh/refusals.po; unknown ones are shown as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from babel.messages.pofile import read_po

from oms.console.messages import _, _l
from oms.console.translating import CATALOGUES, language

CATALOGUE: Final = CATALOGUES / "zh" / "refusals.po"
#: A place for a value in a template, numbered from 1 in the order of the English.
PLACE: Final = re.compile(r"\{(\d)\}")
#: The sentence's name for the field at fault, replaced where the field is known.
THIS: Final = "这一项"
#: Between the troubles of one answer that are kept together.
SEVERAL: Final = "; "
#: A vendor's code after the words.
_CODE: Final = re.compile(r"^(?P<words>.*?)(?P<code> \[[^\[\]]{1,60}\])$", re.S)

#: What helps, by the context of a sentence.
REMEDIES: Final[Mapping[str, object]] = {
    "address": _l("到 设置 · 店铺 改账号的网址，再重试"),
    "account": _l("到 设置 · 店铺 填账号的币种，再重试"),
    "amount": _l("改金额再来"),
    "amounts": _l("到平台后台核对这单的金额；那边改好后重试"),
    "authorise": _l("补上权限，到 设置 · 店铺 重新授权，再重试"),
    "choose": _l("补上或换一个再来"),
    "clock": _l("让这台机器自动对时，再重试"),
    "connector": _l("装上它，或把模块名写进 OMS_EXTRA_CONNECTORS"),
    "currency": _l("到平台后台核对这单的币种；那边改好后重试"),
    "document": _l("到平台后台看这一单；格式没错就重试，还不行把单号和这一项交给接口维护的人"),
    "elsewhere": _l("到平台后台看这一单，在那边办"),
    "elsewhere_goes_on": _l("不用管，那边做完就好"),
    "goods": _l("到平台后台核对这单的商品和数量；那边改好后重试"),
    "grant": _l("到 设置 · 店铺 重新授权"),
    "inbox": _l("和仓库人工核对"),
    "intercept": _l("截停包裹，或者退款"),
    "key": _l("把写下这些内容时用的主密钥放回密钥文件"),
    "keys": _l("到 设置 · 店铺 改好密钥再保存"),
    "language": _l("到平台后台把报告语言改成英文，再重试"),
    "later": _l("过几小时重试"),
    "memo": _l("先到平台后台把备注改短"),
    "network": _l("让代理放行，再重试"),
    "number": _l("对一下单号"),
    "phone": _l("到 设置 · 店铺 补上手机后四位"),
    "platform": _l("到平台后台看原因；解决了再重试"),
    "push": _l("到平台后台看推送的设置；推丢的单，下次拉取会补上"),
    "refund": _l("走退款"),
    "reread": _l("重新抓这一单，再重试"),
    "setting": _l("到 设置 · 店铺 补上账号的这一项，再重试"),
    "ship_first": _l("先把发货回传过去，再重试"),
    "shorten": _l("到来源系统改短，再重试"),
    "size": _l("拆成几份再来"),
    "start": _l("到 运行 · 同步 从头拉这个数据流"),
    "typed": _l("照样子改写，再来"),
    "waybill": _l("等仓库给出运单号，会自己回传"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal as the reader sees it; `remedy` is empty where none is known."""

    words: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One template with its Chinese and the kind of its remedy."""

    template: str
    chinese: str
    remedy: str

    @property
    def shape(self) -> re.Pattern[str]:
        """What a stored text made of this template looks like."""
        parts = PLACE.split(self.template)
        return re.compile("".join("(.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts)), re.S)


def tell(words: str, field: str = "") -> Told:
    """The stored `words` in the reader's language; `field` names the part of the document where it is known.

    A whole sentence of the messages counts before a template that would swallow it.
    """
    found = _found(words)
    if found is None or (found[1] and _(words) != words):
        return Told(_in_messages(words, field))
    sentence, values, field_before, code = found
    remedy = str(REMEDIES[sentence.remedy]) if sentence.remedy else ""
    if language() == "en":
        return Told(words, remedy)
    return Told(_named(_filled(sentence.chinese, values), field or field_before) + code, remedy)


def told(words: str, field: str = "") -> str:
    """The stored `words` in the reader's language alone, without the remedy."""
    return tell(words, field).words


@cache
def sentences() -> tuple[Sentence, ...]:
    """The whole catalogue; the most specific templates come first."""
    with CATALOGUE.open("rb") as source:
        found = [Sentence(str(e.id), str(e.string), e.context or "") for e in read_po(source, charset="utf-8") if e.id]
    return tuple(sorted(found, key=lambda sentence: -len(PLACE.sub("", sentence.template))))


@cache
def _plain() -> dict[str, Sentence]:
    return {sentence.template: sentence for sentence in sentences()}


@cache
def _shapes() -> tuple[tuple[re.Pattern[str], Sentence], ...]:
    return tuple((sentence.shape, sentence) for sentence in sentences() if PLACE.search(sentence.template))


def _in_messages(words: str, field: str) -> str:
    """What the console and most use cases say stands in the messages; several troubles are told one by one."""
    known = _(words)
    if known != words or SEVERAL not in words:
        return known
    return _("；").join(told(part, field) for part in words.split(SEVERAL))


def _found(words: str) -> tuple[Sentence, tuple[str, ...], str, str] | None:
    """The sentence that `words` was made from, its values, and a field and a code around it."""
    coded = _CODE.match(words)
    bare, code = (coded["words"], coded["code"]) if coded else (words, "")
    field, colon, rest = bare.partition(": ")
    is_field = bool(colon) and " " not in field
    for text, before, after in ((words, "", ""), (bare, "", code), (rest if is_field else "", field, code)):
        match = _matched(text)
        if match is not None:
            return (*match, before, after)
    return None


def _matched(text: str) -> tuple[Sentence, tuple[str, ...]] | None:
    if not text:
        return None
    if text in _plain():
        return _plain()[text], ()
    for shape, sentence in _shapes():
        match = shape.fullmatch(text)
        if match:
            return sentence, match.groups()
    return None


def _filled(chinese: str, values: tuple[str, ...]) -> str:
    """The values in their places; one that is itself a known sentence is told too."""
    return PLACE.sub(lambda place: _value(values[int(place[1]) - 1]), chinese)


def _value(value: str) -> str:
    return told(value) if " " in value and _found(value) is not None else value


def _named(sentence: str, field: str) -> str:
    """The sentence with the field's name in it: in the place of its pronoun, else before it."""
    if not field:
        return sentence
    quoted = f"「{field}」"
    return sentence.replace(THIS, quoted, 1) if THIS in sentence else f"{quoted}{sentence}"
