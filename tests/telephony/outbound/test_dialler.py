"""Calls that go out: who is dialled when, what becomes of each try, what a restart does. Time is the test's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from history import Entry
from telephony.control.legs import Outcome
from tests.telephony.outbound.conftest import NUMBER, OTHER, Opened

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("told", "outcome", "minutes"),
    [
        (Outcome.BUSY, "busy", 15),
        (Outcome.NO_ANSWER, "no_answer", 180),
        (Outcome.DECLINED, "rejected", 1440),
    ],
)
async def test_who_is_not_reached_is_tried_again_after_a_while(
    office: Opened, told: Outcome, outcome: str, minutes: int
) -> None:
    async with office() as there:
        there.phones.does[NUMBER] = told
        one = await there.campaign()
        await there.dialler.look()
        await there.settled()
        contact = await there.contact(one)
        assert (contact["status"], contact["outcome"], contact["tried"]) == ("waiting", outcome, 1)
        assert contact["due_at"] == there.clock() + timedelta(minutes=minutes)
        detail = await there.timeline.get(contact["interaction_id"])
        assert (detail.interaction.direction, detail.interaction.outcome) == ("outbound", outcome)
        started = (await there.timeline.events(contact["interaction_id"]))[0].payload
        assert (started["campaign"], started["try"], started["caller"]) == ("ritiri", "1", NUMBER)
        assert there.phones.orders[0].shown == "+390510000001"

        there.clock.pass_by(minutes=minutes - 1)
        await there.dialler.look()
        assert len(there.phones.orders) == 1, "not before"


async def test_a_number_that_does_not_exist_is_not_tried_again(office: Opened) -> None:
    async with office() as there:
        there.phones.does[NUMBER] = Outcome.FAILED
        one = await there.campaign()
        await there.dialler.look()
        await there.settled()
        contact = await there.contact(one)
        assert (contact["status"], contact["outcome"]) == ("given_up", "bad_number")


async def test_tries_run_out_and_the_campaign_is_finished(office: Opened) -> None:
    async with office() as there:
        there.phones.does[NUMBER] = Outcome.BUSY
        one = await there.campaign()
        for _ in range(4):
            await there.dialler.look()
            await there.settled()
            there.clock.pass_by(minutes=15)
        assert len(there.phones.orders) == 3
        assert (await there.contact(one))["status"] == "given_up"
        assert (await there.outbound.campaigns.get("ritiri")).status == "finished"


async def test_nobody_is_called_outside_the_hours(office: Opened) -> None:
    async with office() as there:
        await there.campaign()
        for evening in (datetime(2026, 11, 27, 19, 1, tzinfo=UTC), datetime(2026, 11, 29, 11, tzinfo=UTC)):
            there.clock.now = evening
            await there.dialler.look()
        assert there.phones.orders == []
        there.clock.now = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
        there.phones.does[NUMBER] = Outcome.BUSY
        await there.dialler.look()
        await there.settled()
        assert len(there.phones.orders) == 1


async def test_caps_hold_while_phones_ring(office: Opened) -> None:
    async with office(most_calls=2) as there:
        numbers = [f"+39333123456{n}" for n in range(6)]
        there.phones.does = dict.fromkeys(numbers)
        await there.campaign(*numbers, most_calls=5)
        for _ in range(3):
            await there.dialler.look()
            await asyncio.sleep(0.05)
        assert len(there.phones.orders) == 2
        there.phones.ringing[0].tell(Outcome.BUSY)
        await there.until(lambda: there.dialler.running == 1)
        await there.dialler.look()
        await there.until(lambda: len(there.phones.orders) == 3)


async def test_callers_keep_their_places(office: Opened) -> None:
    async with office(most_calls=9, kept_free=2, a_line=9) as there:  # the exchange takes four
        numbers = [f"+39333123456{n}" for n in range(6)]
        there.phones.does = dict.fromkeys(numbers)
        await there.campaign(*numbers, most_calls=9)
        await there.dialler.look()
        await there.until(lambda: len(there.phones.orders) == 2)
        await there.dialler.look()
        phone = await there.exchange.browser()
        await phone.until(lambda phone: phone.of("ready"))
        assert len(there.phones.orders) == 2


async def test_a_pause_lets_running_calls_end_and_begins_none(office: Opened) -> None:
    async with office() as there:
        there.phones.does = {NUMBER: None, OTHER: None}
        one = await there.campaign(NUMBER, OTHER, most_calls=1)
        await there.dialler.look()
        await there.until(lambda: there.phones.ringing)
        await there.outbound.campaigns.change("ritiri", "paused")
        there.phones.ringing[0].tell(Outcome.BUSY)
        await there.settled()
        await there.dialler.look()
        assert len(there.phones.orders) == 1
        assert (await there.contact(one))["outcome"] == "busy"
        await there.outbound.campaigns.change("ritiri", "running")
        await there.dialler.look()
        await there.until(lambda: len(there.phones.orders) == 2)


async def test_without_a_phone_system_nothing_is_lost(office: Opened) -> None:
    async with office() as there:
        there.exchange.reception.controls.remove(there.phones)
        one = await there.campaign()
        await there.dialler.look()
        await there.settled()
        contact = await there.contact(one)
        assert (contact["status"], contact["tried"]) == ("waiting", 0)
        assert there.exchange.log_of("outbound.not_placed")


# --------------------------------------------------------------------------------------------------------- restarts


async def test_a_call_that_rang_when_the_server_died_is_settled_by_the_next(office: Opened) -> None:
    async with office() as there:
        one = await there.campaign()
        due = await there.outbound.campaigns.due(one, there.clock())
        call = "019ac000-0000-7000-8000-000000000001"
        await there.outbound.campaigns.claim(due[0].id, call, there.clock() + timedelta(minutes=2))
        began = {"line": "it", "caller": NUMBER, "direction": "outbound", "campaign": "ritiri"}
        await there.exchange.journal.append(call, [Entry("call.started", began, 0)])
    async with office() as there:
        await there.exchange.journal.close_lost()
        await there.dialler.recover(everything=True)
        contact = await there.contact(one)
        assert (contact["status"], contact["outcome"], contact["tried"]) == ("waiting", "interrupted", 1)
        await there.dialler.look()
        assert there.phones.orders == [], "not at once: the phone has just rung"
        there.clock.pass_by(hours=1)
        there.phones.does[NUMBER] = Outcome.BUSY
        await there.dialler.look()
        await there.settled()
        assert len(there.phones.orders) == 1


async def test_a_claim_without_a_call_is_given_back_at_once(office: Opened) -> None:
    async with office() as there:
        one = await there.campaign()
        due = await there.outbound.campaigns.due(one, there.clock())
        await there.outbound.campaigns.claim(due[0].id, "claim-1", there.clock() + timedelta(minutes=2))
    async with office() as there:
        await there.dialler.recover(everything=True)
        contact = await there.contact(one)
        assert (contact["status"], contact["tried"]) == ("waiting", 0)


async def test_an_opt_out_that_was_said_when_the_server_died_counts(office: Opened) -> None:
    async with office() as there:
        one = await there.campaign()
        due = await there.outbound.campaigns.due(one, there.clock())
        call = "019ac000-0000-7000-8000-000000000002"
        await there.outbound.campaigns.claim(due[0].id, call, there.clock() + timedelta(minutes=2))
        note = {"kind": "Note", "topic": "opt_out", "values": {"how": "spoken", "number": NUMBER}}
        began = {"line": "it", "caller": NUMBER, "direction": "outbound"}
        entries = [Entry("call.started", began, 0), Entry("dialog.action", note, 1, actor="bot")]
        await there.exchange.journal.append(call, entries)
        await there.until(lambda: True)
    async with office() as there:
        await there.exchange.journal.close_lost()
        await there.dialler.recover(everything=True)
        assert (await there.contact(one))["outcome"] == "opted_out"
        assert await there.outbound.opt_outs.has(NUMBER)


# ------------------------------------------------------------------------------------------------ promised call-backs


async def test_a_call_back_waits_for_an_operator(office: Opened) -> None:
    async with office() as there:
        await there.promise()
        await there.dialler.look()
        assert there.phones.orders == []
        console = await there.exchange.console()
        await console.send(type="available")
        await there.until(lambda: there.exchange.desk.free_operators())
        there.phones.does[NUMBER] = Outcome.NO_ANSWER
        await there.dialler.look()
        await there.settled()
        assert [order.to for order in there.phones.orders] == [NUMBER]
        tasks = await there.outbound.promises.tasks(there.promised)
        assert [(task.status, task.outcome, task.tried) for task in tasks.values()] == [("waiting", "no_answer", 1)]
        there.clock.pass_by(minutes=29)
        await there.dialler.look()
        assert len(there.phones.orders) == 1
        there.clock.pass_by(minutes=1)
        await there.dialler.look()
        await there.settled()
        assert len(there.phones.orders) == 2


async def test_the_called_person_is_put_through_and_the_promise_is_kept(office: Opened) -> None:
    async with office() as there:
        call, seq = await there.promise()
        console = await there.exchange.console()
        await console.send(type="available")
        await there.until(lambda: there.exchange.desk.free_operators())
        await there.dialler.look()
        await console.until(lambda console: console.of("offer"))
        offer = console.of("offer")[-1]
        assert offer["slots"] == {"ordine": "471290"}
        assert [turn["text"] for turn in offer["transcript"]] == ["La richiamiamo."]
        await console.send(type="accept", offer=offer["offer"])
        await console.until(lambda console: console.of("connected"))
        there.phones.answered[NUMBER].call.hung_up("caller_hung_up")
        await there.settled()
        assert await there.timeline.callbacks() == []
        done = (await there.timeline.get(call)).callbacks[0]
        assert (done.seq, done.done_by) == (seq, "centralino")
        told = [event.type for event in await there.timeline.events(call)][-2:]
        assert told == ["callback.tried", "callback.done"]


async def test_who_took_it_is_not_overtaken_by_the_server(office: Opened) -> None:
    async with office() as there:
        key = await there.promise()
        console = await there.exchange.console()
        await console.send(type="available")
        await there.until(lambda: there.exchange.desk.free_operators())
        await there.outbound.promises.take(key, "anna", there.clock() + timedelta(minutes=30), there.clock())
        await there.dialler.look()
        assert there.phones.orders == []


async def test_a_call_back_that_fails_stays_with_people(office: Opened) -> None:
    async with office(callback_tries=1) as there:
        call, _ = await there.promise()
        console = await there.exchange.console()
        await console.send(type="available")
        await there.until(lambda: there.exchange.desk.free_operators())
        there.phones.does[NUMBER] = Outcome.BUSY
        await there.dialler.look()
        await there.settled()
        there.clock.pass_by(hours=3)
        await there.dialler.look()
        assert len(there.phones.orders) == 1
        assert len(await there.timeline.callbacks()) == 1, "people see it still"
        assert (await there.timeline.events(call))[-1].type == "callback.failed"
