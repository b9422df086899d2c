"""The platform's refusals: main codes with their texts, sub-codes, and the exception that becomes an envelope."""

from __future__ import annotations

from typing import Any

Doc = dict[str, Any]
TEXTS = {
    10000: "success",
    20000: "服务不可用",
    30001: "操作权限不足",
    40001: "缺少必选参数",
    40002: "缺少必选参数",
    40003: "非法的参数",
    40004: "非法的参数",
    50001: "业务处理失败",
    50002: "业务处理失败",
    60000: "调用太频繁",
    70000: "接口已下线",
}
#: Sub-code numbers of refused business; the sheet names these two, the others are this twin's own.
STATE = 20309541
BY_HAND = 11001
NOT_FOUND = 20309540
REFUND_OPEN = 20309542
STALE = 20309543


class ApiError(Exception):
    """A refused call; `content` is what the envelope's `data` holds besides, if anything."""

    def __init__(self, code: int, sub_code: str, sub_msg: str = "", content: Doc | None = None) -> None:
        super().__init__(f"{code} {sub_code}")
        self.code = code
        self.sub_code = sub_code
        self.sub_msg = sub_msg
        self.content = content


def envelope(code: int, sub_code: str, sub_msg: str, log_id: str, content: Any = None) -> Doc:
    """The body of every answer; HTTP status 200 whatever it says."""
    body = {"code": code, "msg": TEXTS[code], "sub_code": sub_code, "sub_msg": sub_msg, "log_id": log_id}
    return body if content is None and code != 10000 else {**body, "data": content if content is not None else {}}


def lacking(what: str, words: str) -> ApiError:
    """A parameter that the platform itself needs is absent."""
    return ApiError(40001, f"isv.{what}-missing", words)


def missing(name: str) -> ApiError:
    """A parameter that the business needs is absent."""
    return ApiError(40002, f"isv.parameter-missing:{name}", f"缺少参数{name}")


def invalid(name: str, why: str) -> ApiError:
    """A parameter has a value that the platform does not take."""
    return ApiError(40004, f"isv.parameter-invalid:{name}", why)


def business(number: int, words: str, content: Doc | None = None) -> ApiError:
    """The call is well formed but the state of things forbids it."""
    return ApiError(50002, f"isv.business-failed:{number}", words, content)


def no_order(number: str) -> ApiError:
    """There is no such order in this shop."""
    return business(NOT_FOUND, f"订单{number}不存在")


def no_case(number: str) -> ApiError:
    """There is no such after-sale case in this shop."""
    return business(NOT_FOUND, f"售后单{number}不存在")


def token_expired() -> ApiError:
    """The access token was right once and has run out."""
    return ApiError(40003, "isv.access-token-expired", "access_token已过期")


def limited() -> ApiError:
    """Called too often."""
    return ApiError(60000, "isv.rate-limited", "调用太频繁，请稍后重试")
