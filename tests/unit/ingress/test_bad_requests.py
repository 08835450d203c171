"""Rows X15 to X19 and X27 of the bad inputs: what is hardly HTTP, over raw sockets."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Never
from urllib.parse import urlencode

import pytest

from app.ingress.conversation import Manners
from streams.domain.message import Value
from tests.builders.webhooks import PATH, PREFIX, House, a_callback, a_form, a_house, a_webhook, http, signed
from tests.fakes.keep import FakeKeep

BODY = urlencode(a_form())
SIGNATURE = signed(a_form())
HASTY = Manners(patience=0.15)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house(a_callback(), manners=HASTY) as house:
        yield house


def with_head(*lines: str, body: str = BODY) -> bytes:
    head = (
        f"POST {PREFIX}{PATH} HTTP/1.1",
        "Host: hooks.example.com",
        "Content-Type: application/x-www-form-urlencoded",
        f"X-FreshBooks-Hmac-SHA256: {SIGNATURE}",
        *lines,
    )
    return "\r\n".join([*head, "", body]).encode()


def chunked(body: str) -> str:
    return f"{len(body):x}\r\n{body}\r\n0\r\n\r\n"


async def test_x15_one_byte_more_than_64_kb_is_413(house: House) -> None:
    assert await house.status(http("a" * (2**16 + 1))) == 413


async def test_x15_a_chunked_body_beyond_64_kb_is_413_and_the_rest_is_not_read(house: House) -> None:
    body = chunked("a" * 70_000)

    assert await house.status(with_head("Transfer-Encoding: chunked", body=body)) == 413


async def test_x15_a_chunked_webhook_counts(house: House) -> None:
    assert await house.status(with_head("Transfer-Encoding: chunked", body=chunked(BODY))) == 200


@pytest.mark.parametrize("length", [len(BODY) - 1, len(BODY) - 20])
async def test_x15_a_content_length_too_short_is_400(house: House, length: int) -> None:
    assert await house.status(with_head(f"Content-Length: {length}")) == 400
    assert not house.keep.kept


async def test_x15_a_content_length_too_long_is_408_in_time(house: House) -> None:
    assert await house.status(with_head(f"Content-Length: {len(BODY) + 1}")) == 408


async def test_x15_a_body_in_two_parts_counts(house: House) -> None:
    request = a_webhook()

    assert await house.status(request[:-10], request[-10:]) == 200


async def test_x15_a_sender_that_leaves_half_way_does_no_harm(house: House) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(a_webhook()[:-10])
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    assert await house.status(a_webhook()) == 200
    assert house.tally.failed == 0


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "GZIP", "identity, gzip", "x"])
async def test_x16_what_is_compressed_is_415_and_never_decompressed(house: House, encoding: str) -> None:
    bomb = gzip.compress(b"a" * 2**24)

    assert await house.status(http(bomb[: 2**15], Content_Encoding=encoding)) == 415


async def test_x16_a_million_empty_gzip_members_are_never_read(house: House) -> None:
    members = gzip.compress(b"") * 3_000

    assert await house.status(http(members, Content_Encoding="gzip")) == 415
    assert await house.status(http(members * 400, Content_Encoding="gzip")) == 415


async def test_x16_a_compressed_transfer_is_415(house: House) -> None:
    request = with_head("Transfer-Encoding: gzip, chunked", body=chunked(BODY))

    assert await house.status(request) == 415


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", "", None, "x"]
)
async def test_x17_any_other_kind_of_body_is_415(house: House, kind: str | None) -> None:
    request = http(BODY, Content_Type=kind, X_FreshBooks_Hmac_SHA256=SIGNATURE)

    assert await house.status(request) == 415


async def test_x17_a_charset_after_the_content_type_is_fine(house: House) -> None:
    kind = "application/x-www-form-urlencoded; charset=UTF-8"

    assert await house.status(http(BODY, Content_Type=kind, X_FreshBooks_Hmac_SHA256=SIGNATURE)) == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"])
@pytest.mark.parametrize("path", [PREFIX + PATH, "/", "/nowhere"])
async def test_x18_any_other_method_is_405_wherever_it_goes(house: House, method: str, path: str) -> None:
    assert await house.status(http("", method=method, path=path)) == 405


async def test_x18_connect_is_405(house: House) -> None:
    assert await house.status(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n") == 405


SIZE = f"Content-Length: {len(BODY)}"
SMUGGLED = {
    "a length and chunks": with_head(SIZE, "Transfer-Encoding: chunked", body=chunked(BODY)),
    "two lengths": with_head(SIZE, "Content-Length: 5"),
    "two equal lengths": with_head(SIZE, SIZE),
    "a list of lengths": with_head(f"{SIZE}, {len(BODY)}"),
    "two transfer encodings": with_head(
        "Transfer-Encoding: chunked", "Transfer-Encoding: x", body=chunked(BODY)
    ),
    "an unknown transfer encoding": with_head("Transfer-Encoding: xchunked", body=chunked(BODY)),
    "chunked not last": with_head("Transfer-Encoding: chunked, gzip", body=chunked(BODY)),
    "a folded line": with_head("X-A: b\r\n c", SIZE),
    "a folded first line": with_head(SIZE).replace(b"\r\nHost", b"\r\n Host"),
    "line feeds alone": with_head(SIZE).replace(b"\r\n", b"\n"),
    "one line feed alone": with_head(f"X-A: b\n{SIZE}"),
    "one carriage return alone": with_head(f"X-A: b\r{SIZE}"),
    "digits of another script": with_head("Content-Length: ١٢٣"),
    "a sign before the length": with_head(f"Content-Length: +{len(BODY)}"),
    "a negative length": with_head("Content-Length: -1"),
    "a length in hex": with_head("Content-Length: 0x10"),
    "a length beyond counting": with_head("Content-Length: " + "9" * 30),
    "an underscore in the length": with_head("Content-Length: 1_0"),
    "a blank before the colon": with_head("X-A : b", SIZE),
    "a NUL in a header": with_head("X-A: b\0c", SIZE),
    "no host": with_head(SIZE).replace(b"Host: hooks.example.com\r\n", b""),
    "two hosts": with_head(SIZE, "Host: other.example.com"),
    "a chunk size with a sign": with_head("Transfer-Encoding: chunked", body="+5\r\nname=\r\n0\r\n\r\n"),
    "a chunk size that is none": with_head("Transfer-Encoding: chunked", body="zz\r\nname=\r\n0\r\n\r\n"),
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "an invented method": http(BODY, method="FETCH"),
    "a small-letter method": http(BODY, method="post"),
}


@pytest.mark.parametrize("request_", list(SMUGGLED.values()), ids=list(SMUGGLED))
async def test_x19_whatever_two_servers_could_read_differently_is_400_and_the_end(
    house: House, request_: bytes
) -> None:
    answer = await house.say(request_ + a_webhook())

    assert answer == b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    assert not house.keep.kept


@pytest.mark.parametrize(
    "path",
    [
        f"/{PREFIX}{PATH}",
        f"/webhooks//freshbooks/{PATH}",
        f"{PREFIX}%2e%2e/{PATH}",
        f"{PREFIX}../freshbooks/{PATH}",
        f"{PREFIX}{PATH}/",
        f"{PREFIX}{PATH}?x=1",
        f"{PREFIX}{PATH}#x",
        f"{PREFIX}{PATH.upper()}",
        f"{PREFIX}{PATH}%00",
        f"http://hooks.example.com{PREFIX}{PATH}",
        "/hook/../admin",
        "/health/live",
        "/metrics",
        PREFIX,
    ],
)
async def test_x27_any_other_path_is_the_same_404(house: House, path: str) -> None:
    request = http(BODY, path=path, X_FreshBooks_Hmac_SHA256=SIGNATURE)

    assert await house.say(request) == b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    assert not house.keep.kept


async def test_no_answer_says_what_we_are(house: House) -> None:
    for request in (a_webhook(), http(""), http("", method="GET"), b"\0", http(BODY, path="/")):
        answer = (await house.say(request)).lower()
        assert b"server" not in answer
        assert b"aiohttp" not in answer
        assert b"python" not in answer


async def test_an_unknown_path_is_503_until_all_callbacks_are_known(house: House) -> None:
    house.callbacks.complete = False

    assert await house.status(http(BODY, path=PREFIX + "00" * 16)) == 503
    house.callbacks.replace([a_callback("00" * 16)])
    assert await house.status(http(BODY, path=PREFIX + "00" * 16, X_FreshBooks_Hmac_SHA256=SIGNATURE)) == 200
    assert await house.status(http(BODY, path=PREFIX + "11" * 16)) == 404


async def test_kafka_away_is_503_with_a_time_to_come_back(house: House) -> None:
    house.keep.away = True

    answer = await house.say(a_webhook())

    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nRetry-After: 5\r\n" in answer
    assert (house.tally.unkept, house.tally.accepted) == (1, 0)


async def test_a_failure_of_ours_is_500_and_counted_and_says_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_keep: FakeKeep, _value: Value) -> Never:
        raise TimeoutError

    monkeypatch.setattr(FakeKeep, "put", broken)

    answer = await house.say(a_webhook())

    assert answer == b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    assert (house.tally.failed, house.tally.unparsable) == (1, 0)


async def test_200_waits_until_the_event_is_kept(house: House) -> None:
    house.keep.slow = True
    asking = asyncio.create_task(house.status(a_webhook()))
    await asyncio.sleep(0.1)

    assert not asking.done()
    (waiting,) = house.keep.waiting
    waiting.set_result(True)
    assert await asking == 200


async def test_a_sender_that_asks_first_is_told_to_go_on(house: House) -> None:
    head, _, body = a_webhook().partition(b"\r\n\r\n")
    asking = head + b"\r\nExpect: 100-continue\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(asking)

    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(body)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    writer.close()
