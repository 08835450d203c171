"""What FreshBooks said of an object, as it may go out."""

from typing import Final, assert_never

from app.replay.incident.disguise import Scale, Texts
from app.replay.incident.ids import Ids
from streams.domain.identity import ObjectId
from streams.domain.joined import Share
from streams.domain.money import Money
from streams.domain.record import Content
from streams.domain.snapshot import Address, Client, Gone, Invoice, Line, Payment

STATES: Final = frozenset(
    {
        *("", "draft", "created", "sent", "viewed", "outstanding", "unpaid", "partial", "paid", "auto-paid"),
        *("overdue", "declined", "failed", "retry", "pending", "disputed", "resolved", "deleted"),
    }
)
"""FreshBooks' own words for how an invoice stands; any other word is a text."""


class Snapshots:
    """Masks snapshots, field by field: one that is not named here stays at home."""

    def __init__(self, texts: Texts, scale: Scale, ids: Ids) -> None:
        self._texts, self._scale, self._ids = texts, scale, ids

    def __call__(self, it: Content) -> Content:
        """Return a snapshot as it may go out."""
        match it:
            case Client():
                return self._of_client(it)
            case Invoice():
                return self._of_invoice(it)
            case Payment():
                return self._of_payment(it)
            case Gone():
                return Gone(moved_to=self._ids.or_nobody(it.moved_to))
            case Share():
                return self._of_share(it)
            case never:
                assert_never(never)

    def _of_client(self, it: Client) -> Client:
        texts = self._texts
        return Client(
            id=ObjectId(self._ids.clients[it.id]),
            organization=texts[it.organization],
            first_name=texts[it.first_name],
            last_name=texts[it.last_name],
            email=texts[it.email],
            business_phone=texts[it.business_phone],
            mobile_phone=texts[it.mobile_phone],
            home_phone=texts[it.home_phone],
            fax=texts[it.fax],
            billing=self._address(it.billing),
            shipping=self._address(it.shipping),
            currency=it.currency,
            note=texts[it.note],
            visibility=it.visibility,
        )

    def _address(self, it: Address) -> Address:
        return Address(**{name: self._texts[text] for name, text in it.model_dump().items()})

    def _of_invoice(self, it: Invoice) -> Invoice:
        return Invoice(
            id=ObjectId(self._ids.invoices[it.id]),
            client=self._ids.client(it.client),
            number=self._texts[it.number],
            organization=self._texts[it.organization],
            status=self._state(it.status),
            payment_status=self._state(it.payment_status),
            amount=self._money(it.amount),
            paid=self._money(it.paid),
            outstanding=self._money(it.outstanding),
            created_on=it.created_on,
            due_on=it.due_on,
            paid_on=it.paid_on,
            po_number=self._texts[it.po_number],
            description=self._texts[it.description],
            lines=None if it.lines is None else tuple(self._line(*each) for each in enumerate(it.lines, 1)),
            visibility=it.visibility,
        )

    def _line(self, number: int, it: Line) -> Line:
        return Line(
            id=number,
            name=self._texts[it.name],
            description=self._texts[it.description],
            quantity=it.quantity,
            unit_cost=self._money(it.unit_cost),
            amount=self._money(it.amount),
            tax_name_1=self._texts[it.tax_name_1],
            tax_percent_1=it.tax_percent_1,
            tax_name_2=self._texts[it.tax_name_2],
            tax_percent_2=it.tax_percent_2,
        )

    def _of_payment(self, it: Payment) -> Payment:
        return Payment(
            id=ObjectId(self._ids.payments[it.id]),
            client=self._ids.client(it.client),
            invoice=ObjectId(self._ids.invoices[it.invoice]),
            amount=self._money(it.amount),
            paid_on=it.paid_on,
            type=self._texts[it.type],
            note=self._texts[it.note],
            from_credit=it.from_credit,
            visibility=it.visibility,
        )

    def _of_share(self, it: Share) -> Share:
        def moneys(sums: tuple[Money, ...]) -> tuple[Money, ...]:
            return tuple(map(self._money, sums))

        latest = it.latest and (it.latest[0], self._ids.invoices[it.latest[1]], self._texts[it.latest[2]])
        return Share(
            ended=it.ended,
            outstanding=moneys(it.outstanding),
            paid=moneys(it.paid),
            overdue=moneys(it.overdue),
            counted=it.counted,
            open=it.open,
            moneyed=it.moneyed,
            numbers=tuple((self._ids.invoices[which], self._texts[number]) for which, number in it.numbers),
            last_payment=it.last_payment,
            latest=latest,
        )

    def _money(self, it: Money) -> Money:
        return Money(amount=self._scale(it.amount), currency=it.currency)

    def _state(self, word: str) -> str:
        return word if word in STATES else self._texts[word]
