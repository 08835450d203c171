"""Open invoices by number, few or very many."""

from random import Random

from streams.ledger.head import Head
from streams.ledger.opened import LISTED, admit, dismiss
from streams.ledger.shelf import Shelf


def test_the_list_is_right_on_every_way_up_and_down_across_its_limit() -> None:
    random, shelf, head = Random(7), Shelf({}, b"k", b""), Head()
    still_open: set[int] = set()

    for _ in range(3000):
        invoice = random.randrange(2 * LISTED)
        if invoice in still_open:
            dismiss(shelf, head, invoice, f"{invoice:05}")
        else:
            admit(shelf, head, invoice, f"{invoice:05}")
        still_open ^= {invoice}
        listed = [(it, f"{it:05}") for it in sorted(still_open)] if len(still_open) <= LISTED else []
        assert head.open == len(still_open)
        assert head.numbers == listed


def test_a_client_with_ten_thousand_open_invoices_changes_little_per_invoice() -> None:
    shelf, head = Shelf({}, b"k", b""), Head()
    for invoice in range(10_000):
        admit(shelf, head, invoice, f"{invoice:07}")
    shelf.save(head.written())

    dismiss(shelf, head, 5000, "0005000")

    assert sum(map(len, shelf.changed.values())) < 5000
    assert len(head.written()) < 100
