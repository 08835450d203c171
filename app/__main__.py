"""`freshforce` and `python -m app`."""

from app.cli import freshforce


def main() -> None:
    """Run the command line."""
    freshforce(prog_name="freshforce")


if __name__ == "__main__":
    main()
