from collections import Counter
from itertools import islice, pairwise

from app.bench.trade import BUSINESS, some_trade, trade
from streams.codec import decode, encode
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.command import OPTIONAL, Command, SObject
from streams.domain.record import Record
from streams.domain.snapshot import Invoice, Payment
from streams.steps.translate import Translate

TRADE = some_trade(400, clients=20)


def test_the_same_seed_gives_the_same_business() -> None:
    assert some_trade(100, clients=20) == TRADE[:100]
    assert some_trade(100, clients=20, seed=1) != TRADE[:100]


def test_every_kind_of_object_is_traded_and_clients_come_first() -> None:
    kinds = [record.object.value for record in TRADE]

    assert set(kinds[:20]) == {"client"}
    assert min(Counter(kinds).values()) > 20
    assert all(count > 2 for count in Counter(kinds).values())


def test_records_are_as_long_as_real_ones_and_survive_the_codec() -> None:
    for record in TRADE:
        assert decode(Record, encode(record)) == record
    invoices = [encode(record) for record in TRADE if isinstance(record.snapshot, Invoice)]
    assert sum(map(len, invoices)) / len(invoices) > 2000


def test_a_payment_brings_its_invoice_along() -> None:
    for before, record in pairwise(TRADE):
        if isinstance(record.snapshot, Payment):
            assert before.object_id == record.snapshot.invoice


def test_translate_has_news_in_each_record_and_opportunities_to_write() -> None:
    step = Translate({}, {BUSINESS.name: BUSINESS})

    said = [value for record in TRADE for value in step(record)]

    verdicts = {value.verdict for value in said if isinstance(value, AuditEntry)}
    written = {value.sobject for value in said if isinstance(value, Command)}
    assert verdicts == {Verdict.TRANSLATED}
    assert written == {SObject.ACCOUNT, SObject.CONTACT, SObject.OPPORTUNITY, *OPTIONAL}


def test_a_new_chapter_has_other_clients_and_goes_on_in_time() -> None:
    told = [*islice(trade(clients=20, chapter=100), 300)]
    chapters = [told[start : start + 100] for start in (0, 100, 200)]

    assert len({record.client for record in told}) == 60
    assert len({record.id for record in told}) == 300
    assert all(before.read_at <= record.read_at for before, record in pairwise(told))
    for one, other in pairwise(chapters):
        assert not {(it.object, it.object_id) for it in one} & {(it.object, it.object_id) for it in other}
