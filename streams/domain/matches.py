"""What holds of a client by all that was found and decided; and which clients claim an Account."""

from collections.abc import Iterator, Mapping

from streams.domain.identity import ClientId, ConnectionName, SalesforceId
from streams.domain.joined import Joined
from streams.domain.match import Match, MatchAuthor, MatchState, match_key

Matches = Mapping[str, Match]
"""The newest word of each author on each client, by `Match.key`."""


def standing(matches: Matches, connection: ConnectionName, client: ClientId) -> Match | None:
    """Return what holds of a client; None when nothing was found or decided.

    A person's decision stands above what was found, unless it was found that the decision cannot be
    carried out: then a person is asked again.
    """
    decided = matches.get(match_key(connection, client, MatchAuthor.PERSON))
    found = matches.get(match_key(connection, client, MatchAuthor.DELIVER))
    if decided is None or (found is not None and found.after == decided.id):
        return found
    return decided


def of_connection(matches: Matches, connection: ConnectionName) -> Iterator[Match]:
    """Yield what holds of each client of a connection, by the client's number."""
    clients = {it.client for it in matches.values() if it.connection == connection}
    for client in sorted(clients):
        if (match := standing(matches, connection, client)) is not None:
            yield match


def claims(matches: Matches, connection: ConnectionName) -> dict[SalesforceId, set[ClientId]]:
    """Return which clients are linked to which Account, carried out or not."""
    found: dict[SalesforceId, set[ClientId]] = {}
    for match in of_connection(matches, connection):
        if match.state is MatchState.LINKED and match.account is not None:
            found.setdefault(match.account, set()).add(match.client)
    return found


def joined(matches: Matches, connection: ConnectionName, client: ClientId) -> Joined | None:
    """Return whose Account a client shares by a person's last word; None when nobody ever said anything."""
    said = matches.get(match_key(connection, client, MatchAuthor.PERSON))
    return Joined(to=said.to, at=said.at) if said is not None else None


def members(matches: Matches, connection: ConnectionName, client: ClientId) -> list[ClientId]:
    """Return the clients that share the Account of `client`."""
    return [it.client for it in of_connection(matches, connection) if it.to == client]
