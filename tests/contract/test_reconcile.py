"""Both sides are read as they are: FreshBooks' lists and Salesforce's rows, from the sandboxes over HTTP."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.reconcile.difference import Named
from app.reconcile.forecast import cost
from app.reconcile.held import held
from app.reconcile.likeness import Likeness
from app.reconcile.money import Sums
from app.reconcile.seen import changed_part, seen
from app.reconcile.shown import Shown, shown
from app.salesforce.found.orders import FINDING
from app.salesforce.reads.cashflow import NotSetUp
from app.sandbox.freshbooks.acts import Create, Remove
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.salesforce.profile import Profile
from streams.domain.command import Command, Figure, SObject, Stage
from streams.domain.errors import RateLimited
from streams.domain.identity import AccountId, ClientId, ObjectKind
from streams.domain.version import version
from streams.mapping.reading import read
from streams.mapping.terms import Terms
from tests.builders import salesforce
from tests.builders.installation import Installation, clock, connected
from tests.builders.itemised import a_shop, an_item, itemising, the_lines
from tests.builders.salesforce import A_MORNING, a_command
from tests.builders.salesforce import ACME as JOINED
from tests.builders.salesforce_org import Joined, joined_org
from tests.builders.vault import ACME

ACCOUNT = AccountId("ACC1")
SHEETS = read("")


async def listed(acme: Installation) -> Shown:
    return await shown(acme.books, ACME, clock(), lambda _: None)


async def test_a_list_shows_an_object_as_its_own_reading_does() -> None:
    async with connected() as acme:
        await acme.sandbox.control.sow(invoices=60, seed=3)

        found = await listed(acme)

        assert {named.kind for named in found.objects} == {*ObjectKind}
        for named, here in found.objects.items():
            alone = await acme.books.read(ACME, named.kind, named.number)
            stamp = changed_part(version(alone.changed_at, alone.read_at))
            known = seen(alone.snapshot, stamp, alone.read_at, here.client)
            assert here.content == known.content
            assert not here.newer_than(known)


async def test_deleted_objects_are_listed_as_such_and_a_page_of_a_hundred_costs_one_read() -> None:
    async with connected() as acme:
        bodies = ({"organization": f"No. {number}"} for number in range(230))
        made = await acme.sandbox.control.act([Create(noun=Noun.CLIENT, body=body) for body in bodies])
        await acme.sandbox.control.act([Remove(noun=Noun.CLIENT, id=made[0])])
        foreseen = await cost(acme.books, ACME)
        before = sum((await acme.sandbox.control.counters()).requests.values())

        found = await listed(acme)

        reads = sum((await acme.sandbox.control.counters()).requests.values()) - before
        assert (foreseen.objects, foreseen.pages, foreseen.calls) == (230, 8, 9)
        assert reads == foreseen.pages
        assert not found.objects[Named(ObjectKind.CLIENT, made[0])].live
        assert sum(it.live for it in found.objects.values()) == 229


async def test_a_client_s_stamp_that_an_invoice_moved_is_no_news_of_the_client() -> None:
    async with connected() as acme:
        (client,) = await acme.sandbox.control.act([Create(noun=Noun.CLIENT, body={"organization": "Maple"})])
        before = await listed(acme)
        line = {"name": "Work", "qty": 1, "unit_cost": {"amount": "100.00"}}
        bill = {"customerid": client, "create_date": "2026-11-01", "lines": [line]}
        await acme.sandbox.control.advance(timedelta(minutes=1))
        await acme.sandbox.control.act([Create(noun=Noun.INVOICE, body=bill)])

        named = Named(ObjectKind.CLIENT, client)
        after = (await listed(acme)).objects[named]

        assert after.changed > before.objects[named].changed
        assert not after.newer_than(before.objects[named])


def an_account(number: int = 1, **fields: object) -> Command:
    said = {"Name": f"Client {number}", "FreshBooks_Outstanding__c": "CAD 21.94; USD 800.00"} | fields
    return a_command(external_id=f"ACC1:{number}", client=number, fields=said)  # type: ignore[arg-type]


def a_sale(number: int = 31) -> Command:
    fields = {
        "Name": f"Invoice {number} \U0001f600 " + "long " * 40,
        "CloseDate": "2026-11-30",
        "Amount": Figure(figure=Decimal("100.10"), currency="CAD"),
        "FreshBooks_Amount__c": Figure(figure=Decimal("100.10"), currency="CAD"),
        "StageName": Stage(phase="invoiced", name="Negotiation/Review"),
        "Nowhere__c": "the org lacks it",
    }
    return a_command(SObject.OPPORTUNITY, f"ACC1:{number}", fields=fields)  # type: ignore[arg-type]


async def likeness(here: Joined) -> Likeness:
    connection = here.settings[JOINED]
    found = await held(here.lanes.client(JOINED), connection, SHEETS, A_MORNING, lambda _: None)
    return Likeness(connection, found)


async def test_what_deliver_wrote_is_as_it_was_sent_whatever_it_cut_and_left_out() -> None:
    async with joined_org(freshbooks_account_id=ACCOUNT) as here:
        commands = (an_account(), a_sale())
        for command in commands:
            await here.lanes.put(command)

        it = await likeness(here)

        assert set(it.held.rows) == {(command.sobject, command.external_id) for command in commands}
        for command in commands:
            row = it.held.rows[command.sobject, command.external_id]
            assert it.unlike(command.sobject, command.fields, row) == {}
        money = it.held.money(Terms.of(here.settings[JOINED]), ClientId(1))
        assert money == {"CAD": Sums(Decimal("21.94")), "USD": Sums(Decimal("800.00"))}


async def test_what_people_sell_besides_on_opportunities_of_ours_is_read_in_one_call() -> None:
    async with a_shop(sales=2, freshbooks_account_id=ACCOUNT) as here:
        await here.lanes.put(the_lines(an_item(1, "40")))
        people = here.org.control.people
        (ours,) = people.rows("OpportunityLineItem")
        for price in (5, 2.5):
            said = {name: ours[name] for name in ("OpportunityId", "PricebookEntryId")}
            people.insert("OpportunityLineItem", said | {"Quantity": 1, "UnitPrice": price})

        counted = []
        for text in ("", itemising()):
            here.org.control.reset_counters()
            connection, client = here.settings[JOINED], here.lanes.client(JOINED)
            found = await held(client, connection, read(text), A_MORNING, lambda _: None)
            counted.append((here.calls(), found.theirs))

        (before, none), (after, theirs) = counted
        assert (after - before, none) == (1, {})
        assert theirs == {"ACC1:10": Decimal("7.5")}
        assert found.rows[SObject.OPPORTUNITY, "ACC1:10"]["Amount"] == Decimal("47.5")


async def test_a_changed_field_is_named_and_a_person_s_stage_is_theirs() -> None:
    async with joined_org(freshbooks_account_id=ACCOUNT) as here:
        command, people = a_sale(), here.org.control.people
        await here.lanes.put(command)
        (row,) = people.rows("Opportunity")
        people.edit("Opportunity", str(row["Id"]), {"StageName": "Prospecting", "FreshBooks_Amount__c": 7})

        it = await likeness(here)

        seen_ = it.held.rows[command.sobject, command.external_id]
        found = it.unlike(command.sobject, command.fields, seen_)
        assert {name: (sent, Decimal(there)) for name, (sent, there) in found.items()} == {
            "FreshBooks_Amount__c": ("100.10", Decimal(7))
        }


async def test_an_amount_that_products_make_up_is_no_difference() -> None:
    async with joined_org(freshbooks_account_id=ACCOUNT, org_currency="CAD") as here:
        command, people = a_sale(), here.org.control.people
        await here.lanes.put(command)
        (row,) = people.rows("Opportunity")
        people.add_products(str(row["Id"]))
        people.insert("Account", {"Name": "Not ours"})

        it = await likeness(here)

        seen_ = it.held.rows[command.sobject, command.external_id]
        assert it.unlike(command.sobject, command.fields | {"Amount": Figure(figure=Decimal(5))}, seen_) == {}


async def test_of_several_orders_of_an_opportunity_the_one_that_is_written_is_compared() -> None:
    async with joined_org(freshbooks_account_id=ACCOUNT) as here:
        people = here.org.control.people
        for command in (salesforce.an_account(1), salesforce.an_opportunity(10, 1)):
            await here.lanes.write(command)
        ((account,), (sale,)) = (people.rows(it) for it in ("Account", "Opportunity"))
        an_order = {"AccountId": account["Id"], "EffectiveDate": "2026-03-01", "Status": "Draft"}
        its = an_order | {"OpportunityId": sale["Id"]}
        first, later, _ = people.insert("Order", its, its, an_order)
        amount = salesforce.an_order(10, "12.50")
        await here.lanes.write(amount)

        people.edit("Order", later, {"FreshBooks_Invoice_Amount__c": 7})
        as_sent = await likeness(here)
        people.edit("Order", first, {"FreshBooks_Invoice_Amount__c": 8})
        changed = await likeness(here)

        sent = {name: it for name, it in amount.fields.items() if name not in FINDING}
        found = []
        for it in (as_sent, changed):
            assert it.held.orders is not None
            assert set(it.held.orders) == {"ACC1:10"}
            found.append(it.unlike(SObject.ORDER, sent, it.held.orders["ACC1:10"]))
        assert found == [{}, {"FreshBooks_Invoice_Amount__c": ("12.50", "8.0")}]


async def test_an_org_that_shows_us_no_orders_is_compared_without_them() -> None:
    async with joined_org(Profile(prepared=True, orders=False), freshbooks_account_id=ACCOUNT) as here:
        it = await likeness(here)

        assert it.held.orders is None


async def test_pages_are_followed_and_another_account_s_rows_are_not_ours() -> None:
    async with joined_org(freshbooks_account_id=ACCOUNT) as here:
        here.org.control.profile(page=200)
        people = here.org.control.people
        rows = [{"Name": f"No. {n}", "FreshBooks_Client_Id__c": f"ACC1:{n}"} for n in range(1, 501)]
        people.insert("Account", *rows, {"Name": "Other", "FreshBooks_Client_Id__c": "acc1:9"})
        here.org.control.reset_counters()

        it = await likeness(here)

        assert len(it.held.rows) == 500
        assert here.calls() == 1 + 3 + 3 + 2 + 2  # the stages, three describes, and the pages; Orders


async def test_the_share_of_calls_is_respected_and_an_org_without_our_keys_is_told_what_to_do() -> None:
    async with joined_org(freshbooks_account_id=ACCOUNT, api_share=0.1) as here:
        await here.lanes.client(JOINED).ask("limits", "GET", "/limits")
        here.org.control.limit(daily=1000, used=999)
        await here.lanes.client(JOINED).ask("limits", "GET", "/limits")
        with pytest.raises(RateLimited):
            await likeness(here)
    async with joined_org("plain", freshbooks_account_id=ACCOUNT) as here:
        with pytest.raises(NotSetUp, match=r"Account\.FreshBooks_Client_Id__c") as caught:
            await likeness(here)
        assert caught.value.mend == "freshforce setup salesforce acme"
