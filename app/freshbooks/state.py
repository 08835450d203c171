"""The state of a consent: who asks, chance, and our mark, by which we know it again."""

import hmac

from pydantic import SecretStr


def marked(secret: SecretStr, asked: str) -> str:
    """Return the state for what is `asked`, with a mark that nobody makes without the app's secret."""
    mark = hmac.digest(secret.get_secret_value().encode(), f"state:{asked}".encode(), "sha256")
    return f"{asked}.{mark.hex()[:32]}"


def is_marked(secret: SecretStr, state: str) -> bool:
    """Tell whether `state` was given out for the app with this secret, whenever that was."""
    ours = marked(secret, state.rpartition(".")[0])
    return hmac.compare_digest(ours.encode("utf-8", "replace"), state.encode("utf-8", "replace"))
