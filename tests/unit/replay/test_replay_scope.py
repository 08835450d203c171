"""Whose messages a replay is about."""

import pytest

from streams.domain.errors import Misconfigured
from streams.domain.scope import Scope
from tests.builders.records import ACME, a_client, a_payment, a_record, an_invoice


def test_a_connection_means_all_of_its_messages_and_nobody_elses() -> None:
    scope = Scope.of(ACME, "")

    assert scope.may_want(b"acme:7")
    assert not scope.may_want(b"acme-two:7")
    assert scope.wants(a_record(a_client()))


def test_one_client_means_its_key_alone() -> None:
    scope = Scope.of(ACME, "client:7")

    assert [key for key in (b"acme:7", b"acme:70", b"acme:77", None) if scope.may_want(key)] == [b"acme:7"]
    assert scope.wants(a_record(an_invoice(client=7)))
    assert not scope.wants(a_record(an_invoice(client=8)))


def test_one_invoice_means_its_payments_too() -> None:
    scope = Scope.of(ACME, "invoice:31")

    assert scope.wants(a_record(an_invoice(31)))
    assert scope.wants(a_record(a_payment(invoice=31)))
    assert not scope.wants(a_record(a_payment(31, invoice=32)))
    assert not scope.wants(a_record(a_client(31)))


@pytest.mark.parametrize(
    "only", ["payment:5", "client", "client:", "client:x", "client:-7", "7", "invoice:٣"]
)
def test_what_names_no_client_and_no_invoice_is_refused(only: str) -> None:
    with pytest.raises(Misconfigured, match="is neither client:NUMBER nor invoice:NUMBER"):
        Scope.of(ACME, only)


def test_a_scope_is_written_as_it_was_read() -> None:
    assert [Scope.of(ACME, only).only for only in ("", "client:7", "invoice:31")] == [
        "",
        "client:7",
        "invoice:31",
    ]
