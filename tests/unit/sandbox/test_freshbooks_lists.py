from datetime import UTC, datetime
from typing import Any

import pytest

from app.sandbox.freshbooks import Profile
from app.sandbox.freshbooks.switches import Switches
from tests.builders.freshbooks_user import FreshBooksUser, freshbooks_user

CLIENTS, INVOICES, PAYMENTS = "users/clients", "invoices/invoices", "payments/payments"


async def _list(user: FreshBooksUser, place: str, *query: tuple[str, str]) -> dict[str, Any]:
    status, body = await user.accounting("GET", place, query=list(query))
    assert status == 200, body
    result: dict[str, Any] = body["response"]["result"]
    return result


async def _ids(user: FreshBooksUser, place: str, *query: tuple[str, str]) -> list[int]:
    return [one["id"] for one in (await _list(user, place, *query))[place.partition("/")[2]]]


async def _clients(user: FreshBooksUser, count: int) -> list[int]:
    return [(await user.a_client(organization=f"Firm {number:03}"))["id"] for number in range(count)]


async def test_an_empty_list_has_no_pages() -> None:
    async with freshbooks_user() as user:
        assert await _list(user, CLIENTS) == {
            "clients": [],
            "page": 1,
            "pages": 0,
            "per_page": 15,
            "total": 0,
        }


async def test_fifteen_come_on_a_page_the_newest_first() -> None:
    async with freshbooks_user() as user:
        made = await _clients(user, 17)

        first, second = await _list(user, CLIENTS), await _list(user, CLIENTS, ("page", "2"))

        assert [one["id"] for one in first["clients"]] == made[:1:-1]
        assert [one["id"] for one in second["clients"]] == made[1::-1]
        assert (first["pages"], first["total"]) == (2, 17)


@pytest.mark.parametrize("query", [("page", "0"), ("per_page", "1000")])
async def test_page_zero_is_page_one_and_more_than_a_hundred_is_a_hundred(query: tuple[str, str]) -> None:
    async with freshbooks_user() as user:
        await user.sandbox.control.sow(120)

        page = await _list(user, INVOICES, query)

        assert page["page"] == 1
        assert page["per_page"] == (100 if query[0] == "per_page" else 15)


async def test_a_page_past_the_end_is_empty_and_no_error() -> None:
    async with freshbooks_user() as user:
        await _clients(user, 2)

        assert (await _list(user, CLIENTS, ("page", "9")))["clients"] == []


@pytest.mark.parametrize(("field", "errno"), [("page", 1014), ("per_page", 1013)])
async def test_a_page_that_is_no_number_is_an_error(field: str, errno: int) -> None:
    async with freshbooks_user() as user:
        status, body = await user.accounting("GET", CLIENTS, query={field: "two"})

        assert (status, body["response"]["errors"][0]["errno"]) == (422, errno)


async def test_the_total_may_count_rows_that_are_never_shown() -> None:
    async with freshbooks_user(profile=Profile(switches=Switches(hidden_rows_in_total=16))) as user:
        page = await _list(user, CLIENTS)

        assert (page["total"], page["pages"], page["clients"]) == (16, 2, [])


async def test_updated_bounds_are_eastern_days_the_upper_one_exclusive() -> None:
    async with freshbooks_user() as user:
        # 03:30 UTC on the 10th is 23:30 of the 9th in New York.
        await user.sandbox.control.set_clock(datetime(2026, 3, 10, 3, 30, tzinfo=UTC), stopped=True)
        ninth = [(await user.a_client())["id"]]

        assert await _ids(user, CLIENTS, ("search[updated_min]", "2026-03-09")) == ninth
        assert await _ids(user, CLIENTS, ("search[updated_min]", "2026-03-10")) == []
        assert await _ids(user, CLIENTS, ("search[updated_max]", "2026-03-10")) == ninth
        assert await _ids(user, CLIENTS, ("search[updated_max]", "2026-03-09")) == []


async def test_a_time_of_day_in_updated_min_is_an_error() -> None:
    async with freshbooks_user() as user:
        query = {"search[updated_min]": "2026-03-09 10:00:00"}

        status, body = await user.accounting("GET", CLIENTS, query=query)

        assert (status, body["response"]["errors"][0]["errno"]) == (422, 1023)


async def test_an_unknown_filter_is_ignored_and_looks_like_success() -> None:
    async with freshbooks_user() as user:
        made = await _clients(user, 2)

        found = await _ids(user, CLIENTS, ("search[updated_since]", "2099-01-01"), ("search[moon]", "full"))

        assert found == made[::-1]


async def test_lists_show_active_and_archived_and_each_state_can_be_asked_for() -> None:
    async with freshbooks_user() as user:
        active, deleted, archived = await _clients(user, 3)
        for one, state in ((deleted, 1), (archived, 2)):
            await user.accounting("PUT", f"{CLIENTS}/{one}", {"client": {"vis_state": state}})

        assert await _ids(user, CLIENTS) == [archived, active]
        assert await _ids(user, CLIENTS, ("search[vis_state]", "0")) == [active]
        assert await _ids(user, CLIENTS, ("search[vis_state]", "1")) == [deleted]
        assert await _ids(user, CLIENTS, ("search[vis_state]", "2")) == [archived]


async def test_filters_by_client_by_ids_by_text_and_by_amount() -> None:
    async with freshbooks_user() as user:
        first, second = await _clients(user, 2)
        cheap = (await user.an_invoice(first, "5.00"))["id"]
        dear = (await user.an_invoice(first, "500.00"))["id"]
        other = (await user.an_invoice(second, "50.00"))["id"]

        assert await _ids(user, INVOICES, ("search[customerid]", str(first))) == [dear, cheap]
        both = (("search[clientids][]", str(first)), ("search[clientids][]", str(second)))
        assert await _ids(user, INVOICES, *both) == [other, dear, cheap]
        assert await _ids(user, INVOICES, ("search[amount_min]", "50"), ("search[amount_max]", "500")) == [
            other
        ]
        assert await _ids(user, CLIENTS, ("search[organization_like]", "firm 001")) == [second]
        assert await _ids(user, CLIENTS, ("search[has_outstanding]", "false")) == []


async def test_invoices_are_found_by_how_they_stand() -> None:
    async with freshbooks_user() as user:
        client = (await user.a_client())["id"]
        draft = (await user.an_invoice(client, status=1))["id"]
        partial = (await user.an_invoice(client))["id"]
        payment = (await user.a_payment(partial, "1.00"))["id"]

        assert await _ids(user, INVOICES, ("search[v3_status]", "partial")) == [partial]
        assert await _ids(user, INVOICES, ("search[statusids][]", "1")) == [draft]
        assert await _ids(user, PAYMENTS, ("search[invoiceid]", str(partial))) == [payment]
        assert await _ids(user, PAYMENTS, ("search[type]", "Check")) == []


async def test_sorting_by_updated_and_a_spelling_that_only_seems_to_sort() -> None:
    async with freshbooks_user() as user:
        first, second, third = await _clients(user, 3)
        await user.accounting("PUT", f"{CLIENTS}/{first}", {"client": {"fname": "Late"}})

        assert await _ids(user, CLIENTS, ("sort", "updated_asc")) == [second, third, first]
        assert await _ids(user, CLIENTS, ("sort", "updated_desc")) == [first, third, second]
        assert await _ids(user, CLIENTS, ("sort", "id_asc")) == [first, second, third]
        assert await _ids(user, CLIENTS, ("sort", "updated:asc")) == [first, second, third]


async def test_lists_carry_lines_only_when_asked() -> None:
    async with freshbooks_user() as user:
        await user.an_invoice((await user.a_client())["id"])

        bare, full = await _list(user, INVOICES), await _list(user, INVOICES, ("include[]", "lines"))

        assert "lines" not in bare["invoices"][0]
        assert full["invoices"][0]["lines"][0]["name"] == "Work"


async def test_a_walk_through_the_pages_of_an_unchanged_list_sees_each_row_once() -> None:
    async with freshbooks_user() as user:
        await user.sandbox.control.sow(230, seed=2)
        query = (("per_page", "100"), ("search[updated_min]", "2020-01-01"))

        pages = (await _list(user, INVOICES, *query))["pages"]
        seen = [
            one
            for page in range(1, pages + 1)
            for one in await _ids(user, INVOICES, *query, ("page", str(page)))
        ]

        assert len(seen) == len(set(seen)) == (await _list(user, INVOICES))["total"]


async def test_a_list_notices_what_changed_since_it_was_last_asked() -> None:
    async with freshbooks_user() as user:
        made = await _clients(user, 1)
        assert await _ids(user, CLIENTS) == made

        made += await _clients(user, 1)

        assert await _ids(user, CLIENTS) == made[::-1]


async def test_credit_notes_exist_and_are_empty() -> None:
    async with freshbooks_user() as user:
        assert (await _list(user, "credit_notes/credit_notes"))["credit_notes"] == []
