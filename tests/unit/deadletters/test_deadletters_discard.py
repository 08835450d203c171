"""What a discard tells the step that sends rows."""

from app.deadletters.discard import waived
from streams.domain.audit import Verdict
from streams.domain.identity import ObjectKind
from tests.builders.commands import a_command
from tests.builders.deliver_desk import Desk
from tests.builders.events import an_event
from tests.builders.letters import buried, buried_row, buried_unread

ROW = a_command(version=4)


def test_a_discarded_row_goes_back_as_its_own_command_marked_waived() -> None:
    assert waived(buried_row(ROW)[0]) == ROW.model_copy(update={"waived": True})


def test_what_never_became_a_row_needs_no_word() -> None:
    assert waived(buried(an_event(ObjectKind.INVOICE, 123))[0]) is None
    assert waived(buried_unread(b"no message")[0]) is None


async def test_a_row_that_went_through_after_all_is_not_undone_by_a_late_discard() -> None:
    desk = Desk()
    await desk.tell(ROW)

    command = waived(buried_row(ROW)[0])
    assert command is not None

    assert await desk.tell(command) == [Verdict.SUPERSEDED]
    assert len(desk.calls) == 1
    assert await desk.tell(ROW) == [Verdict.UNCHANGED]
