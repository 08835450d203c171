"""Which of the org's own stages a sale gets, and how they are read."""

from typing import Any

import pytest

from app.salesforce.care.stages import NoSuchStage, Resolved, stages_of
from streams.domain.command import Phase, Stage


def a_stage(name: str, **given: Any) -> dict[str, Any]:
    plain = {"ApiName": name, "MasterLabel": name, "IsActive": True, "IsWon": False, "IsClosed": False}
    return plain | given


ORG = (
    a_stage("Angebot", SortOrder=1),
    a_stage("Rechnung", SortOrder=2),
    a_stage("Bezahlt", SortOrder=4, IsWon=True, IsClosed=True),
    a_stage("Gewonnen", SortOrder=3, IsWon=True, IsClosed=True, MasterLabel="Won!"),
    a_stage("Storno", SortOrder=6, IsClosed=True),
    a_stage("Alt", SortOrder=0, IsWon=True, IsClosed=True, IsActive=False),
)


def resolved(phase: Phase, name: str, *org: dict[str, Any]) -> Resolved:
    return stages_of(org or ORG).resolved(Stage(phase=phase, name=name))


@pytest.mark.parametrize(
    ("phase", "name", "stage"),
    [
        ("won", "Bezahlt", Resolved("Bezahlt", closed=True)),
        ("won", "bezahlt", Resolved("Bezahlt", closed=True)),
        ("won", "Won!", Resolved("Gewonnen", closed=True)),
        ("lost", "Storno", Resolved("Storno", closed=True)),
        ("draft", "Angebot", Resolved("Angebot", closed=False)),
        ("invoiced", "Gewonnen", Resolved("Gewonnen", closed=True)),
    ],
)
def test_the_orgs_own_stage_of_that_name_or_label_is_taken(phase: Phase, name: str, stage: Resolved) -> None:
    assert resolved(phase, name) == stage


@pytest.mark.parametrize(
    ("phase", "name", "stage"),
    [
        ("won", "Closed Won", "Gewonnen"),
        ("won", "Rechnung", "Gewonnen"),
        ("won", "Alt", "Gewonnen"),
        ("lost", "Bezahlt", "Storno"),
        ("invoiced", "Negotiation/Review", "Rechnung"),
        ("draft", "Proposal", "Rechnung"),
    ],
)
def test_a_name_that_will_not_do_gives_way_to_one_that_does_and_says_so(
    phase: Phase, name: str, stage: str
) -> None:
    found = resolved(phase, name)

    assert found.name == stage
    assert repr(name) in found.note


def test_an_org_without_a_won_stage_is_a_matter_for_its_admin() -> None:
    with pytest.raises(NoSuchStage) as refused:
        resolved("won", "Closed Won", a_stage("Open"))

    assert "Setup" in refused.value.mend


def test_an_org_that_does_not_tell_its_stages_gets_the_configured_names() -> None:
    assert stages_of(()).resolved(Stage(phase="won", name="Paid")) == Resolved("Paid", closed=True)


def test_stages_are_read_from_what_little_an_org_may_have_of_them() -> None:
    found = stages_of([{"MasterLabel": "Paid", "IsWon": True, "IsClosed": True}, {"MasterLabel": None}])

    assert [stage.name for stage in found.known] == ["Paid"]
