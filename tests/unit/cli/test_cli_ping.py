from io import StringIO

from rich.console import Console

from app.cli.ping import table
from app.salesforce.checkup import Finding
from tests.builders.vault import ACME


def test_green_and_red_are_told_apart_where_there_are_no_colours() -> None:
    well = Finding("FreshBooks token", well=True, says="alive")
    ill = Finding("FreshBooks clock", well=False, says="ours is 600 s behind it", mend="set the clock")
    screen = StringIO()

    Console(file=screen, width=120, no_color=True).print(table({ACME: [well, ill]}))

    green, red = (line for line in screen.getvalue().splitlines() if "FreshBooks" in line)
    assert ("✓" in green, "✗" in green) == (True, False)
    assert ("✓" in red, "✗" in red) == (False, True)
