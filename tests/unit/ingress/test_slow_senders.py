"""Rows X20, X21 and F34: senders who are slow, hasty or too many."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest

from app.ingress.conversation import Conversation, Manners
from tests.builders.webhooks import House, a_callback, a_form, a_house, a_webhook, http, signed

BODY = urlencode(a_form())
SIGNATURE = signed(a_form())
HASTY = Manners(patience=0.15, idle=0.5, connections=20)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house(a_callback(), manners=HASTY) as house:
        yield house


async def drip(house: House, whole: bytes, first: bytes = b"") -> tuple[bytes, float]:
    """Send `first` at once and the rest byte by byte until hung up on; return the answer and the seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    loop = asyncio.get_running_loop()
    began = loop.time()
    writer.write(first)
    hearing = asyncio.create_task(hear(reader))
    for n in range(len(whole)):
        if hearing.done():
            break
        writer.write(whole[n : n + 1])
        await asyncio.sleep(0.02)
    async with asyncio.timeout(5):
        answer = await hearing
    writer.close()
    return answer, loop.time() - began


async def hear(reader: asyncio.StreamReader) -> bytes:
    """Return all that comes until the other side hangs up, however rudely."""
    got = b""
    try:
        while part := await reader.read(65536):
            got += part
    except ConnectionError:
        return got
    return got


async def test_x20_a_head_that_drips_is_cut_in_time(house: House) -> None:
    answer, seconds = await drip(house, a_webhook())

    assert answer == b""
    assert seconds < 1
    assert house.tally.too_slow == 1


async def test_x20_a_head_that_drips_behind_a_good_request_is_cut_in_time(house: House) -> None:
    answer, seconds = await drip(house, a_webhook(), first=a_webhook())

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert seconds < 1


async def test_x20_a_body_that_drips_is_408_in_time(house: House) -> None:
    head, _, body = a_webhook().partition(b"\r\n\r\n")

    answer, seconds = await drip(house, body, first=head + b"\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert seconds < 2


async def test_x20_a_connection_that_says_nothing_is_closed_in_time(house: House) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)

    async with asyncio.timeout(2):
        assert await reader.read() == b""
    writer.close()


async def test_x20_a_connection_may_rest_between_requests(house: House) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    for _ in range(2):
        writer.write(a_webhook())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        await asyncio.sleep(HASTY.patience * 1.5)
    writer.close()


async def test_x21_ten_thousand_pipelined_requests_are_answered_in_order(house: House) -> None:
    half = [http(BODY, X_FreshBooks_Hmac_SHA256=SIGNATURE), http(BODY, path="/nowhere")]

    answer = await house.say(b"".join(half) * 5_000, answers=10_000, patience=20)

    assert [int(each[:3]) for each in answer.split(b"HTTP/1.1 ")[1:]] == [200, 404] * 5_000
    assert len(house.keep.kept) == 5_000


async def test_x21_while_one_waits_no_more_than_a_few_are_read_ahead(house: House) -> None:
    house.keep.slow = True
    _, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(a_webhook() * 10_000)
    await asyncio.sleep(0.2)

    assert len(house.keep.waiting) == 1
    for each in house.keep.waiting:
        each.set_result(False)
    writer.close()


async def ask_on(writer: asyncio.StreamWriter, wave: bytes) -> None:
    """Send `wave` again and again, for as long as the other side lets us."""
    async with asyncio.timeout(20):
        while True:
            writer.write(wave)
            await writer.drain()


async def test_x21_whoever_asks_on_and_reads_no_answer_is_held_back_and_hung_up_on_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hang_up, unread = Conversation._hang_up, []

    def noted(conversation: Conversation) -> None:
        assert conversation.transport is not None
        unread.append(conversation.transport.get_write_buffer_size())
        hang_up(conversation)

    monkeypatch.setattr(Conversation, "_hang_up", noted)
    async with a_house(a_callback(), manners=Manners(patience=1)) as house:
        _, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.transport.pause_reading()  # type: ignore[attr-defined]

        with pytest.raises(ConnectionError):
            await ask_on(writer, http(BODY, path="/nowhere") * 2_000)

    (held,) = unread
    assert held < 2**17, "bytes of answers in our memory, beside what the system's own buffers took"
    assert house.tally.too_slow == 1


async def test_f34_connections_beyond_the_limit_are_closed_and_the_rest_are_served(house: House) -> None:
    held = [await asyncio.open_connection("127.0.0.1", house.port) for _ in range(HASTY.connections)]

    assert await house.say(a_webhook()) == b""
    assert house.tally.turned_away == 1
    for _, writer in held:
        writer.close()
        await writer.wait_closed()
    await asyncio.sleep(0.05)
    assert await house.status(a_webhook()) == 200
