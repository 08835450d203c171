"""`freshforce` and `python -m app`."""

from app.cli import freshforce
from app.process.secrecy import keep_memory_secret


def main() -> None:
    """Run the command line."""
    keep_memory_secret()
    freshforce(prog_name="freshforce")


if __name__ == "__main__":
    main()
