"""Hold the stages that sales get against those that an org has."""

from collections.abc import Iterator

from app.mapping.check import Finding
from app.salesforce.care.stages import NoSuchStage, Stages
from streams.mapping.gallery import stages
from streams.mapping.rules import Rules


def stage_findings(rules: Rules, org: Stages) -> Iterator[Finding]:
    """Yield where another stage would be written than the mapping names, or none can be."""
    for wanted in stages(rules.mapping, rules.terms):
        key = f"opportunity.stages.{wanted.phase}"
        try:
            note = org.resolved(wanted).note
        except NoSuchStage as none:
            yield Finding(key, str(none), none.mend)
        else:
            if note:
                yield Finding(key, note, "name one of the org's own", stops=False)
