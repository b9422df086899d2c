"""JOS's two levels of refusal: the gateway's error_response, and what a single API refuses in its own result."""

from typing import Any

#: Codes of the gateway with their Chinese and English texts; 10100001 and 10100002 are this sandbox's own.
TEXTS = {
    "2": ("限制时间内调用失败次数", "App Call Limited"),
    "4": ("缺少版本参数", "Missing Version"),
    "5": ("不支持的版本号", "Unsupported Version"),
    "7": ("缺少时间戳参数", "Missing Timestamp"),
    "8": ("非法的时间戳参数", "Invalid Timestamp"),
    "11": ("缺少签名参数", "Missing Signature"),
    "12": ("无效签名", "Invalid Signature"),
    "14": ("缺少方法名参数", "Missing Method"),
    "15": ("不存在的方法名", "Invalid Method"),
    "19": ("无效的access_token", "Invalid access_token"),
    "21": ("无效的app_key", "Invalid app_key"),
    "24": ("没有调用该API的权限", "Insufficient API Permissions"),
    "10100001": ("缺少必填参数", "Missing Parameter"),
    "10100002": ("非法的参数", "Invalid Parameter"),
    "10400014": ("当前状态的订单不能进行该操作", "Order State Forbids This"),
}


class ApiError(Exception):
    """A call that the gateway refuses; `code` classes it."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail

    def body(self) -> dict[str, Any]:
        """The error_response envelope; JOS sends it with HTTP status 200."""
        zh, en = TEXTS[self.code]
        more = f":{self.detail}" if self.detail else ""
        return {"error_response": {"code": self.code, "zh_desc": zh + more, "en_desc": en + more}}


class Refused(Exception):
    """A well-formed call that the API itself refuses; told in the API's own result, beside `code` "0"."""

    def __init__(self, number: int, english: str, chinese: str) -> None:
        super().__init__(english)
        self.number = number
        self.english = english
        self.chinese = chinese


def missing(name: str) -> ApiError:
    """A required business parameter is absent."""
    return ApiError("10100001", name)


def invalid(name: str, why: str) -> ApiError:
    """A business parameter has a value the platform does not take."""
    return ApiError("10100002", f"{name} {why}")


def no_order(number: str) -> Refused:
    """There is no such order in this shop, or not yet: an unpaid one is not shown."""
    return Refused(10400003, "ORDER_NOT_EXIST", f"订单{number}不存在")
