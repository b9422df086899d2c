"""The contract suite is a library of tests, so its asserts are explained like those of a test module."""

import pytest

pytest.register_assert_rewrite(
    "tests.connectors.contract_kit", "tests.connectors.contract_push", "tests.connectors.contract_suite"
)
