"""The platform's error answers: codes with their texts, and the exception that becomes an error_response."""

from typing import Any

TEXTS = {
    10000: "参数错误",
    10001: "公共参数错误",
    10016: "client_id不正确",
    10017: "type不正确",
    10019: "access_token已过期",
    10035: "access_token不正确",
    20004: "签名sign校验失败",
    20005: "ip无权访问接口，请加入ip白名单",
    20031: "用户没有授权访问此接口",
    20032: "access_token与client_id不匹配",
    21001: "缺少必填参数",
    21002: "参数值不合法",
    30000: "业务服务错误",
    50000: "系统内部错误",
    50001: "业务服务错误",
    50012: "接口已下线",
    52101: "当前接口被限流，请稍后重试",
    70031: "接口调用频率超限",
}


class ApiError(Exception):
    """A refused call: `code` classes it, `words` are the sub_msg that says what was wrong."""

    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(f"{code} {words}".strip())
        self.code = code
        self.words = words or TEXTS[code]

    def body(self, request_id: str) -> dict[str, Any]:
        """The error_response envelope, sent with HTTP status 200."""
        return {"error_response": {
            "error_msg": TEXTS[self.code], "sub_msg": self.words, "sub_code": None, "error_code": self.code,
            "request_id": request_id,
        }}  # fmt: skip


def missing(name: str) -> ApiError:
    """A required business parameter is absent."""
    return ApiError(21001, f"缺少必填参数:{name}")


def invalid(name: str, why: str) -> ApiError:
    """A business parameter has a value the platform does not take."""
    return ApiError(21002, f"{name}:{why}")


def business(words: str) -> ApiError:
    """The call is well formed but the state of things forbids it; calling again does not help."""
    return ApiError(50001, words)


def limited(seconds: int) -> ApiError:
    """Called too often; a ban without a length is the gateway's throttle. No header tells when to come back."""
    return ApiError(70031, "调用过于频繁，请稍后再试") if seconds else ApiError(52101)
