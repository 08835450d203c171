"""How FreshBooks signs a webhook.

base64(HMAC-SHA256(verifier, message)), where the message is Python's `json.dumps` of the form fields as
strings, in the order sent: separators ", " and ": ", non-ASCII escaped.
"""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping

SIGNATURE_HEADER = "X-FreshBooks-Hmac-SHA256"


def signed_message(fields: Mapping[str, str]) -> str:
    """Return the text that is signed."""
    return json.dumps({name: str(value) for name, value in fields.items()})


def signature(fields: Mapping[str, str], verifier: str) -> str:
    """Return the value of the signature header."""
    return b64encode(hmac.digest(verifier.encode(), signed_message(fields).encode(), "sha256")).decode()
