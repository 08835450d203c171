"""The whole way with lines asked for: what invoices sell changes as they do, in an org that makes trouble."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from app.sandbox.salesforce.people import People
from app.sandbox.salesforce.profile import Profile
from streams.domain.deadletter import DeadLetter
from streams.domain.snapshot import Invoice, Payment
from tests.builders.histories import CENTS, CURRENCIES, Snap
from tests.builders.itemised import LINE_KEY, a_line, itemising
from tests.model import ACCOUNT
from tests.simulation.whole import KEYS, MANY_CURRENCIES, Mover, Whole

NAMES = ("Design", "Paint", "Rent")
OPPORTUNITY_KEY = KEYS["Opportunity"]
Sold = list[tuple[str, str, Decimal]]
"""Key, product and total of each line, in the order of their keys."""


SELDOM = 6
"""One deed of so many is each of those that only lines know."""


class Seller(Mover):
    """A bookkeeper who also changes nothing of an invoice but what it sells, or in which currency."""

    def act(self) -> None:
        invoices = [it for it in self.objects.values() if isinstance(it, Invoice)]
        paid = {it.invoice for it in self.objects.values() if isinstance(it, Payment)}
        unpaid = [it for it in invoices if it.id not in paid]
        match self.pick(SELDOM):
            case 0 if invoices:
                self.keep(invoices[self.pick(len(invoices))])
            case 1 if unpaid:
                self._revalue(unpaid[self.pick(len(unpaid))])
            case _:
                super().act()

    def _revalue(self, it: Invoice) -> None:
        """Have an invoice in another currency, with the same numbers; its payments could not follow."""
        others = [each for each in CURRENCIES if each != it.amount.currency]
        amount = it.amount.model_copy(update={"currency": others[self.pick(len(others))]})
        self.keep(self._settled(it.model_copy(update={"amount": amount})))


class Itemised(Whole):
    """A world whose org sells; of its price book entries a person withdraws some for a while."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.org.reshape(Profile.named(self.profile).with_(line_items=True))
        self.withdrawn, self.refused = 0, set[str]()
        self.keeper = Seller(self._changed, self.chance.randrange, self.clients, CENTS)

    def _deed(self) -> None:
        super()._deed()
        if self.trouble and self.chance.happens(1 / SELDOM):
            self._withdraw()

    def _withdraw(self) -> None:
        """Let nothing be sold by some entry from now on; what is to be sold by it is refused."""
        if entries := People(self.org).rows("PricebookEntry"):
            entry = entries[self.chance.randrange(len(entries))]
            People(self.org).edit("PricebookEntry", entry["Id"], {"IsActive": False})
            self.withdrawn += 1

    def _put_back(self, letters: list[DeadLetter]) -> None:
        """Let all be sold again before what was refused is tried again."""
        self.refused |= {letter.code for letter in letters}
        for entry in People(self.org).rows("PricebookEntry"):
            People(self.org).edit("PricebookEntry", entry["Id"], {"IsActive": True})
        super()._put_back(letters)

    def _terms(self) -> dict[str, Any]:
        return {**super()._terms(), "mapping": itemising()}

    def _changed(self, it: Snap) -> None:
        if isinstance(it, Invoice):
            it = self._with_lines(it)
            self.keeper.objects[it.kind, it.id] = it
        super()._changed(it)

    def _with_lines(self, it: Invoice) -> Invoice:
        """Let an invoice sell one to three things that do not quite make its amount."""
        currency = it.amount.currency
        lines = tuple(
            a_line(number, NAMES[self.chance.randrange(3)], "2", f"{cost}.25", currency=currency)
            for number, cost in enumerate(range(1, 2 + self.chance.randrange(3)), 1)
        )
        return it.model_copy(update={"lines": lines})

    def wanted_lines(self) -> dict[str, Sold]:
        """Return what each Opportunity should sell, computed anew."""
        found: dict[str, Sold] = {}
        rows = self.wanted()
        for it in self.keeper.objects.values():
            sale = f"p7rQW5:{it.id}"
            mine = isinstance(it, Invoice) and ("Opportunity", sale) in rows
            if not isinstance(it, Invoice) or not mine or not self._takes(it.amount.currency):
                continue
            assert it.lines is not None
            sold = [(f"{sale}:{line.id}", line.name, line.amount.amount) for line in it.lines]
            left = it.amount.amount - sum((total for _, _, total in sold), Decimal(0))
            small = abs(left) <= Decimal("0.01") * (2 * len(sold) + 1)
            if left:
                sold.append((f"{sale}:rounding", "Rounding" if small else "Not itemised", left))
            found[sale] = sorted(sold)
        return found

    def found_lines(self) -> dict[str, Sold]:
        """Return what each Opportunity sells of whose invoice anything is to be sold."""
        return {
            sale: sold for sale, sold in self._all_lines().items() if ("Opportunity", sale) in self.wanted()
        }

    def kept_lines(self) -> set[str]:
        """Return the Opportunities that sell something though their invoice is a draft again."""
        invoices = (it for it in self.keeper.objects.values() if isinstance(it, Invoice))
        return self._all_lines().keys() & {f"{ACCOUNT}:{it.id}" for it in invoices if it.status == "draft"}

    def off_balance(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Return total and amount of each Opportunity whose lines do not make the amount that it shows.

        One whose invoice is a draft again is left as it was: its lines still make the amount of then.
        """
        rows = People(self.org).rows("Opportunity")
        shown = {row[OPPORTUNITY_KEY]: Decimal(str(row["FreshBooks_Amount__c"])) for row in rows}
        sums = {sale: sum((it for _, _, it in sold), Decimal(0)) for sale, sold in self._all_lines().items()}
        return {sale: (total, shown[sale]) for sale, total in sums.items() if total != shown[sale]}

    def _all_lines(self) -> dict[str, Sold]:
        people = People(self.org)
        names = {row["Id"]: row["Name"] for row in people.rows("Product2")}
        sales = {row["Id"]: row[OPPORTUNITY_KEY] for row in people.rows("Opportunity")}
        found: defaultdict[str, Sold] = defaultdict(list)
        for row in people.rows("OpportunityLineItem"):
            total = Decimal(str(row["TotalPrice"]))
            found[sales[row["OpportunityId"]]].append((row[LINE_KEY], names[row["Product2Id"]], total))
        return {sale: sorted(sold) for sale, sold in found.items()}

    def _takes(self, currency: str) -> bool:
        return self.profile == MANY_CURRENCIES or currency == "USD"
