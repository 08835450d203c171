"""Who sits at the command line: what a person does is signed in the audit."""

import getpass


def whoever() -> str:
    """Return the name of whoever is logged in here."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody at the command line"
