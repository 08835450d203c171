"""The pages of a client's books, as values and as bytes: compact JSON arrays, no names, no validation."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self

import orjson

from streams.ledger.facts import ClientFacts, InvoiceFacts, Naming, PaymentFacts, Standing, standing
from streams.ledger.itemised import Itemised


def invoice_name(number: int) -> bytes:
    """Return the name of an invoice's page on the shelf."""
    return b":i:%d" % number


@dataclass(slots=True)
class ClientPage:
    """The client itself, and what other rows called it before its name last changed."""

    facts: ClientFacts | None = None
    gone: str = ""
    before: Naming | None = None
    decided: str = ""
    """When a person last said whose Account it shares."""
    home: int = 0
    """The client whose Account it shares; 0: it has its own."""
    former: list[int] = field(default_factory=list)
    """Whose it shared before: they are told that it does no longer."""
    moved_by: str = ""
    """The record that changed `home` last: told again, it tells the same."""
    shared: str = ""
    """Digest of what it last told the books of `home`."""
    shared_by: str = ""
    """The record that had it told."""

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """Return what `raw` holds; empty bytes are a client never seen."""
        if not raw:
            return cls()
        facts, gone, before, *joined = orjson.loads(raw)
        known = ClientFacts._make(facts) if facts else None
        return cls(known, gone, tuple(before) if before is not None else None, *joined)

    def written(self) -> bytes:
        """Return the page as bytes."""
        said = (self.shared, self.shared_by) if self.shared else ()
        joined = (self.decided, self.home, self.former, self.moved_by, *said) if self.decided else ()
        return orjson.dumps([tuple(self.facts) if self.facts else None, self.gone, self.before, *joined])

    @property
    def naming(self) -> Naming | None:
        """What other rows call the client by: None when it was never seen, empty when it never was there."""
        if self.facts is not None:
            return (self.facts.name,)
        return () if self.gone else None


@dataclass(slots=True)
class InvoicePage:
    """One invoice, and the days of the live payments that stand on it; a refund is none."""

    facts: InvoiceFacts | None = None
    gone: str = ""
    left: str = ""
    """Version of its last move to another client: what Salesforce has since then is not ours to know."""
    payments: dict[str, str] = field(default_factory=dict)
    lines: Itemised | None = None
    """Its lines, as of the version that last told them; kept only where rows show them."""

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """Return what `raw` holds; empty bytes are an invoice never seen."""
        if not raw:
            return cls()
        facts, gone, left, payments, *told = orjson.loads(raw)
        known = InvoiceFacts._make(facts) if facts else None
        return cls(known, gone, left, payments, Itemised.read(told[0]) if told else None)

    def written(self) -> bytes:
        """Return the page as bytes."""
        facts, told = tuple(self.facts) if self.facts else None, [self.lines.written()] if self.lines else []
        return orjson.dumps([facts, self.gone, self.left, self.payments, *told], option=orjson.OPT_SORT_KEYS)

    @property
    def standing(self) -> Standing:
        """Whether the invoice counts."""
        return standing(self.facts, self.gone, self.left)


@dataclass(slots=True)
class PaymentPage:
    """One payment, and every invoice it ever stood on, the present one last."""

    facts: PaymentFacts | None = None
    gone: str = ""
    invoices: list[int] = field(default_factory=list)

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """Return what `raw` holds; empty bytes are a payment never seen."""
        if not raw:
            return cls()
        facts, gone, invoices = orjson.loads(raw)
        return cls(PaymentFacts._make(facts) if facts else None, gone, invoices)

    def written(self) -> bytes:
        """Return the page as bytes."""
        return orjson.dumps([tuple(self.facts) if self.facts else None, self.gone, self.invoices])

    @property
    def standing(self) -> Standing:
        """Whether the payment counts."""
        return standing(self.facts, self.gone)

    @property
    def received_on(self) -> str:
        """On which day money came; empty where it does not count, or went back: a refund is negative."""
        facts = self.facts
        if facts is None or self.standing is not Standing.LIVE or Decimal(facts.amount) < 0:
            return ""
        return facts.paid_on
