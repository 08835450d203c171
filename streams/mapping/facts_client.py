"""Facts of a client, for its Account and its Contact; most of them for its Opportunities, too."""

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import Any, Final

from streams.domain.snapshot import Visibility
from streams.ledger.facts import ClientFacts
from streams.mapping.fact import LEFT, Fact, Kind
from streams.mapping.subjects import Customer, Sale

TEXT, FLAG = Kind.TEXT, Kind.FLAG
_PARTS: Final = ("city", "state", "postal_code", "country")


def _phone(client: ClientFacts) -> str | None:
    return client.business_phone or client.mobile_phone or client.home_phone or None


def _street(address: tuple[str, ...]) -> str | None:
    street, street2 = address[0], address[1]
    return (f"{street}\n{street2}" if street and street2 else street or street2) or None


def _last_name(client: ClientFacts) -> str | None:
    return client.last_name or client.first_name or client.email or None


def _first_name(client: ClientFacts) -> str | None:
    return (client.first_name or None) if client.last_name else None


def _address(which: str) -> tuple[Fact, ...]:
    """Return the facts of one of the two addresses."""
    place = attrgetter(f"client.{which}")

    def part(at: int) -> Callable[[Any], str | None]:
        return lambda it: place(it)[at] or None

    lines = Fact(
        f"client.{which}_street",
        TEXT,
        f"Both lines of the {which} address.",
        lambda it: _street(place(it)),
        personal=True,
    )
    parts = (
        Fact(f"client.{which}_{name}", TEXT, f"Of the {which} address.", part(at), personal=True)
        for at, name in enumerate(_PARTS, 2)
    )
    return (lines, *parts)


def _personal(
    name: str, says: str, of: Callable[[ClientFacts], str | bool | None], kind: Kind = TEXT
) -> Fact:
    return Fact(name, kind, says, lambda it: of(it.client), personal=True)


def _plain(field: str, says: str) -> Fact:
    """Return the fact that is a text of FreshBooks'; empty text is None, which clears a field."""
    of = attrgetter(f"client.{field}")
    return Fact(f"client.{field}", TEXT, says, lambda it: of(it) or None, personal=True)


ALWAYS: Final = (
    Fact("client.id", TEXT, "FreshBooks' number of the client.", lambda it: str(it.number)),
    Fact(
        "client.external_id",
        TEXT,
        "What the Account is upserted by.",
        lambda it: it.terms.external_id(it.number),
    ),
    Fact(
        "client.account_name",
        TEXT,
        "Never empty on an Account: organization, else first and last name, else e-mail, else the number. "
        "On an Opportunity whose client was not read yet: what the invoice calls it.",
        lambda it: it.account_name,
    ),
)
"""Known for every row."""

PERSONAL: Final = (
    _plain("organization", "Empty for a person."),
    _plain("first_name", "Of the client's person."),
    _plain("last_name", "Of the client's person."),
    _plain("email", "The client's e-mail address."),
    _personal("client.phone", "The business phone, else the mobile one, else the one at home.", _phone),
    _plain("business_phone", "As FreshBooks has it."),
    _plain("mobile_phone", "As FreshBooks has it."),
    _plain("home_phone", "As FreshBooks has it."),
    _plain("fax", "As FreshBooks has it."),
    _plain("currency", "The currency that the client is invoiced in."),
    _personal("client.contact_last_name", "The last name, else the first name, else the e-mail.", _last_name),
    _personal("client.contact_first_name", "The first name, where there is a last name.", _first_name),
    _personal(
        "client.has_person",
        "Whether a Contact can be named: no organization only.",
        lambda it: _last_name(it) is not None,
        FLAG,
    ),
    _personal(
        "client.is_person",
        "Whether it is a person without an organization, who can be named.",
        lambda it: not it.organization and _last_name(it) is not None,
        FLAG,
    ),
    *_address("billing"),
    *_address("shipping"),
    _personal(
        "client.archived",
        "Whether FreshBooks has it in the archive.",
        lambda it: it.visibility == Visibility.ARCHIVED,
        FLAG,
    ),
)

DELETED: Final = Fact(
    "client.deleted",
    FLAG,
    "Whether FreshBooks does not have it any more.",
    lambda it: it.deleted,
    personal=True,
)


def _link(it: Customer | Sale) -> object:
    return it.terms.account_of(it.who.home or it.number)


def _sale_link(it: Sale) -> object:
    return _link(it) if it.linked else LEFT


LINK: Final = Fact("client.account", Kind.PARENT, "The client's Account, or the one that it shares.", _link)
OF_CUSTOMER: Final = (*ALWAYS, *PERSONAL, DELETED)


def _if_seen(fact: Fact) -> Fact:
    of = fact.of
    return replace(fact, of=lambda it: None if it.client is None else of(it))


OF_SALE: Final = (*ALWAYS, *map(_if_seen, PERSONAL), DELETED, replace(LINK, of=_sale_link))
"""On an Opportunity nothing personal is known before the client was read."""
