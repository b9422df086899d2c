"""The platform's refusals: a code that names the level (sys, biz) and a text, in the envelope's sn_error."""

from __future__ import annotations

from typing import Any

NO_RESULT = "biz.handler.data-get:no-result"
OVERDUE = "sys.oauth.check.access_token:overdue"
#: Too many calls: the platform's own code is not known; this one follows the naming rule.
LIMITED = "sys.check.call-frequency:outofrange"
#: A signature that does not fit: the same.
UNSIGNED = "sys.check.signinfo-value:error"

TEXTS = {
    NO_RESULT: "没有符合条件的数据",
    OVERDUE: "access_token过期",
    "sys.oauth.check.access_token:inexistence": "access_token不存在",
    "sys.check.method-permission:authority": "没有调用该接口的权限",
    "sys.check.header-param:forbidden": "调用参数出错",
    "sys.check.request-apprequesttime:error": "请求时间戳误差太大",
    "sys.check.request-params:error": "请求参数格式有误",
    "sys.check.page-param:error": "分页参数错误",
    "sys.check.starttime-value:null": "开始时间为空",
    "sys.check.endtime-value:null": "结束时间为空",
    "sys.check.query-time:error": "查询时间错误",
    "sys.check.query-time:outofrange": "时间范围超过配置",
    UNSIGNED: "签名错误",
    LIMITED: "调用次数超过限制",
    "biz.orderquery.time-value:outofrange": "查询日期超过接口范围",
}


class ApiError(Exception):
    """A call that the platform refuses; `code` classes it."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.text = text or TEXTS.get(code, code)

    def body(self) -> dict[str, Any]:
        """The whole answer; the platform sends it with HTTP status 200."""
        return {"sn_responseContent": {"sn_error": {"error_code": self.code, "error_msg": self.text}}}


def missing(biz: str, name: str) -> ApiError:
    """A required business parameter is absent."""
    return ApiError(f"biz.{biz}.missing-parameter:{name}", f"{name}不能为空")


def invalid(biz: str, name: str, why: str = "格式错误") -> ApiError:
    """A business parameter has a value the platform does not take."""
    return ApiError(f"biz.custom.{biz}.invalid-biz:{name}", f"{name}{why}")
