"""The event is made without checking it again; so this compares it with a checked one."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from app.freshbooks.form import parse
from app.freshbooks.signature import fingerprint
from app.ingress.judge import Genuine, judge
from app.ingress.letters import Delivery, event
from streams import codec
from streams.domain.event import Event, EventSource, Webhook
from streams.domain.identity import EventId, ObjectKind
from tests.builders.webhooks import NOW, PATH, SECRET, a_callback, a_form, signed

MOMENTS = st.datetimes(min_value=datetime.fromisoformat("2000-01-01"), timezones=st.just(UTC))


@given(
    st.sampled_from(["create", "update", "delete", "sendByEmail"]),
    st.integers(1, 2**63 - 1),
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=30),
    MOMENTS,
)
def test_an_event_is_what_a_checked_one_would_be(
    action: str, object_id: int, note: str, moment: datetime
) -> None:
    form = a_form(name=f"invoice.{action}", object_id=str(object_id), note=note)
    body = http_body(form)
    judged = judge(a_callback(), parse(body), signed(form), moment)
    assert isinstance(judged, Genuine)
    delivery = Delivery(a_callback(), body.decode(), signed(form), moment, 7)

    made = event(delivery, judged)

    checked = Event(
        id=EventId(delivery.id()),
        connection=a_callback().connection,
        object=ObjectKind.INVOICE,
        object_id=object_id,
        action=action,
        source=EventSource.WEBHOOK,
        received_at=moment,
        webhook=Webhook(
            callback=PATH, body=body.decode(), signature=signed(form), verifier=fingerprint(SECRET)
        ),
    )
    assert made == checked
    assert codec.encode(made) == codec.encode(checked)
    assert codec.decode(Event, codec.encode(made)) == made
    assert made.key == checked.key
    assert made.model_copy() == checked
    assert repr(made) == repr(checked)


def http_body(form: dict[str, str]) -> bytes:
    return urlencode(form).encode()


def test_an_id_tells_deliveries_apart_and_nothing_else() -> None:
    delivery = Delivery(a_callback(), "name=x", "s", NOW, 1)

    assert delivery.id() == delivery._replace(signature="t").id()
    others = [
        delivery._replace(callback=a_callback("00" * 16)),
        delivery._replace(body="name=y"),
        delivery._replace(received_at=NOW.replace(microsecond=1)),
        delivery._replace(nth=2),
    ]
    assert len({each.id() for each in (delivery, *others)}) == 5
