"""A place in a row of tokens, moving forward."""

from app.sandbox.salesforce.refusal import Code, Refusal
from app.sandbox.salesforce.soql.syntax import Path
from app.sandbox.salesforce.soql.tokens import Kind, Token, pointed_at, tokens


class Cursor:
    """Looks at tokens and takes them; what does not fit is refused with its place."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._at = 0

    def peek(self, ahead: int = 0) -> Token:
        """Return a token to come without taking it."""
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def next(self) -> Token:
        """Take the next token."""
        token = self.peek()
        self._at += 1
        return token

    def take(self, *words: str) -> Token | None:
        """Take the next token if it is one of `words`."""
        return self.next() if self.peek().is_(*words) else None

    def expect(self, *words: str) -> Token:
        """Take the next token, which must be one of `words`.

        Raises:
            Refusal: it is another (MALFORMED_QUERY).
        """
        if (token := self.take(*words)) is None:
            raise self.unexpected()
        return token

    def name(self) -> Token:
        """Take the next token, which must be a name.

        Raises:
            Refusal: it is none (MALFORMED_QUERY).
        """
        if self.peek().kind is not Kind.NAME:
            raise self.unexpected()
        return self.next()

    def path(self) -> Path:
        """Take the next token, which must name a field.

        Raises:
            Refusal: it does not (MALFORMED_QUERY).
        """
        token = self.name()
        return Path(tuple(token.text.split(".")), token.at)

    def count(self) -> int:
        """Take the next token, which must be a whole number.

        Raises:
            Refusal: it is none (MALFORMED_QUERY).
        """
        token = self.peek()
        if token.kind is not Kind.NUMBER or not token.text.isdigit():
            raise self.unexpected()
        return int(self.next().text)

    def unexpected(self) -> Refusal:
        """Return the refusal of the next token."""
        token = self.peek()
        return pointed_at(self.text, token.at, Code.MALFORMED_QUERY, f"unexpected token: '{token.text}'")
