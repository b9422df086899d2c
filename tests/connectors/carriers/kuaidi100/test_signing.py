"""kuaidi100 signatures against worked vectors."""

from connectors.carriers.kuaidi100.signing import is_genuine, sign_push, sign_query

QUERY = '{"com":"zhongtong","num":"75000000000001","phone":"","resultv2":"4","show":"0","order":"desc"}'


def test_a_query_signs_as_the_worked_example_does() -> None:
    assert sign_query(QUERY, "kdkey", "CUST") == "34894B3C3BEED1D344A99DBA6D611B5D"


def test_a_push_signs_as_the_worked_examples_do(push_param: str) -> None:
    assert sign_push(push_param, "salt-1") == "7E4C9B21D8F524F1DBD2E6D0B539D29E"
    assert sign_push(push_param, "") == "6389F8D0682BA24DEA021008510FDD9A"


def test_the_signature_may_be_in_either_case_but_must_fit() -> None:
    given = sign_push("{}", "salt-1")
    assert is_genuine("{}", "salt-1", given.lower())
    assert not is_genuine("{} ", "salt-1", given)
    assert not is_genuine("{}", "salt-2", given)
    assert not is_genuine("{}", "salt-1", "")
    assert not is_genuine("{}", "salt-1", "签名")
