"""What phones and PBXs do to a call: cancel, hold, refresh, transfer, vanish, and ask for what is not there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from aiosipua import SipRequest, SipResponse
from pydantic import SecretStr, ValidationError

from dialogs.calendars import Calendar
from telephony.lines import Hours, Lines
from telephony.rtp import packets
from telephony.sip.leg import Leg
from telephony.sip.session_timer import SessionTimer
from telephony.sip.settings import SipSettings, SipUnavailable
from telephony.sip.transfer import Progress, TransferFailed
from tests.telephony.sip.conftest import Opened, SipExchange
from tests.telephony.sip.raw_phone import RawPhone

pytestmark = pytest.mark.asyncio(loop_scope="session")


@contextlib.asynccontextmanager
async def phone_of(sip: SipExchange) -> AsyncIterator[RawPhone]:
    phone = await RawPhone().open(sip.port.agent.address)
    try:
        yield phone
    finally:
        phone.close()


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


def leg_of(sip: SipExchange, phone: RawPhone) -> Leg:
    return next(leg for leg in sip.port.agent.legs if leg.ref == phone.call_id)


async def test_headers_come_in_and_the_calls_id_goes_out(opened: Opened) -> None:
    async with opened() as sip, phone_of(sip) as phone:
        asserted = '"Studio Rossi" <sip:+39051999888@trunk>'
        answer = await phone.call(X_Customer="4711", X_Room_ID="42", P_Asserted_Identity=asserted)
        call_id = answer.get_header("x-call-id") or ""
        leg = leg_of(sip, phone)
        assert leg.parameters == {"x-customer": "4711", "x-room-id": "42"}
        await phone.ask("BYE")
        detail = await sip.exchange.ended(door="sip", id=call_id)
        assert (detail.interaction.caller, detail.interaction.end_reason) == ("+39051999888", "caller_hung_up")
        assert answer.get_header("contact") == f"<sip:centralino@127.0.0.1:{sip.port.agent.address[1]}>"


async def test_a_line_is_found_by_the_number_in_any_way_a_pbx_writes_it(opened: Opened) -> None:
    async with opened() as sip:
        for user, status in (("it", 200), ("390510000001", 200), ("%2B390510000001", 200), ("nowhere", 404)):
            async with phone_of(sip) as phone:
                assert (await phone.call(user=user)).status_code == status
                if status == 200:
                    assert (await phone.ask("BYE")).status_code == 200


async def test_a_closed_line_sends_the_caller_to_its_other_number(opened: Opened) -> None:
    async with opened() as sip, phone_of(sip) as phone:
        reception = sip.exchange.reception
        never = Hours(Calendar.model_validate({"week": {}}), forward="+390519999999")
        reception.take_up(Lines(replace(line, hours=never) for line in reception.lines))
        answer = await phone.call()
        assert answer.status_code == 302
        assert answer.get_header("contact") == "<sip:+390519999999@127.0.0.1>"
        assert (await sip.exchange.ended(door="sip")).interaction.outcome == "forwarded"


async def test_who_may_not_call_is_refused_before_anything_is_asked(opened: Opened) -> None:
    async with opened(trusted=["192.0.2.0/24"]) as sip, phone_of(sip) as phone:
        assert (await phone.call()).status_code == 403
        assert sip.house.refused == {"sip": 1}
        assert sip.exchange.reception.figures()["expected"] == 0
        assert sip.port.agent.legs == ()


async def test_a_softphone_with_a_password(opened: Opened) -> None:
    async with opened(trusted=[], users={"anna": "s3cret"}) as sip:
        phone = await sip.dial(user="anna", password="s3cret")
        await phone.hang_up()
        await phone.close()
        assert phone.protocol_errors == []
        assert sip.house.refused == {}


async def test_options_is_answered_and_unknown_methods_and_dialogs_are_refused(opened: Opened) -> None:
    async with opened() as sip, phone_of(sip) as phone:
        answer = await phone.ask("OPTIONS")
        assert (answer.status_code, "INVITE" in (answer.get_header("allow") or "")) == (200, True)
        assert (await phone.ask("REGISTER")).status_code == 405
        phone.to_tag = "nobody"
        assert (await phone.ask("BYE")).status_code == 481
        phone.to_tag = ""
        assert (await phone.call(Require="100rel")).status_code == 420


async def test_a_full_house_is_busy_and_one_that_closes_is_unavailable(opened: Opened) -> None:
    async with opened() as sip, contextlib.AsyncExitStack() as phones:
        calls = [await phones.enter_async_context(phone_of(sip)) for _ in range(5)]
        for number, phone in enumerate(calls):
            phone.tag = f"phone{number}"
        assert [(await phone.call()).status_code for phone in calls] == [200, 200, 200, 200, 486]
        for phone in calls[:4]:
            await phone.ask("BYE")
        await until(lambda: sip.exchange.reception.live == 0)
        await sip.exchange.reception.close(0)
        async with phone_of(sip) as phone:
            answer = await phone.call()
            assert (answer.status_code, answer.get_header("retry-after")) == (503, "10")


async def test_a_call_that_is_cancelled_while_it_is_being_taken(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as sip, phone_of(sip) as phone:
        reception, cancelled = sip.exchange.reception, asyncio.Event()
        expect = reception.expect

        async def slowly(*asked: str) -> object:
            await cancelled.wait()
            return await expect(*asked)

        monkeypatch.setattr(reception, "expect", slowly)
        phone.send("INVITE", phone.describe(), branch="z9hG4bKsame")
        await phone.until(lambda message: isinstance(message, SipResponse) and message.status_code == 100)
        phone.send("CANCEL", branch="z9hG4bKsame")
        assert (await phone.answer("INVITE")).status_code == 487
        cancelled.set()
        detail = await sip.exchange.ended(door="sip", ref=phone.call_id)
        assert detail.interaction.end_reason == "cancelled"
        assert phone.statuses("CANCEL") == [200]


async def test_an_invite_that_is_repeated_is_one_call(opened: Opened) -> None:
    async with opened() as sip, phone_of(sip) as phone:
        await phone.call()
        tag = phone.to_tag
        phone.put(phone.invite)
        await until(lambda: phone.statuses().count(200) == 2)
        assert len(sip.port.agent.legs) == 1
        phone.to_tag = ""
        phone.send("INVITE", phone.describe(), number=1, branch="z9hG4bKanotherway")
        await until(lambda: 482 in phone.statuses())
        phone.to_tag = tag
        await phone.ask("BYE")


async def test_keys_by_info(opened: Opened) -> None:
    async with opened() as sip, phone_of(sip) as phone:
        await phone.call()
        assert (await phone.ask("INFO", "<xml/>", kind="application/media_control+xml")).status_code == 415
        assert (await phone.ask("INFO", "Signal=?\n", kind="application/dtmf-relay")).status_code == 200
        assert (await phone.ask("INFO", "Signal=5\nDuration=160\n", kind="application/dtmf-relay")).status_code == 200
        assert (await phone.asked("BYE")).get_header("reason") == 'SIP;cause=200;text="bot_ended"'


async def test_on_hold_the_bot_is_silent_and_waits(opened: Opened) -> None:
    async with opened() as sip, phone_of(sip) as phone:
        await phone.call()
        await until(lambda: len(phone.sound) > 20)
        held = await phone.ask("INVITE", phone.describe("sendonly"))
        phone.send("ACK")
        assert "a=recvonly" in held.text
        await asyncio.sleep(0.1)
        silent_at = len(phone.sound)
        phone.put("\r\n\r\n")
        assert (await phone.ask("INFO", "5", kind="application/dtmf")).status_code == 200
        await asyncio.sleep(0.5)
        assert len(phone.sound) == silent_at
        again = await phone.ask("INVITE", phone.describe())
        phone.send("ACK")
        assert "a=sendrecv" in again.text
        await phone.asked("BYE")
        first, after = packets.read(phone.sound[silent_at - 1]), packets.read(phone.sound[silent_at])
        assert after.sequence == (first.sequence + 1) % 65_536
        assert after.marker
        detail = await sip.exchange.ended(door="sip", ref=phone.call_id)
        events = await sip.exchange.events(detail.interaction.id)
        assert [event.payload["held"] for event in events if event.type == "call.held"] == [True, False]
        assert [turn.key for turn in detail.transcript][-1] == "bye"


async def test_a_phone_that_wants_our_offer_first(opened: Opened) -> None:
    async with opened() as sip, phone_of(sip) as phone:
        phone.send("INVITE")
        answer = await phone.answer("INVITE")
        assert "m=audio" in answer.text
        phone.to_tag = answer.to_addr.tag or "" if answer.to_addr else ""
        phone.send("ACK", phone.describe())
        await until(lambda: phone.sound)
        assert packets.read(phone.sound[0]).payload_type == 8
        await phone.ask("BYE")


async def test_what_cannot_be_agreed_on_is_told_and_written_down(opened: Opened) -> None:
    async with opened() as sip:
        for body, status, reason in (
            ("v=0\nm=audio 4000 RTP/SAVP 8\n", 488, "no_plain_rtp"),
            ("v=nonsense", 488, "malformed_sdp"),
        ):
            async with phone_of(sip) as phone:
                assert (await phone.call(body)).status_code == status
                detail = await sip.exchange.ended(door="sip", ref=phone.call_id)
                assert detail.interaction.end_reason == reason
        async with phone_of(sip) as phone:
            short = await phone.call(Supported="timer", Session_Expires="30")
            assert (short.status_code, short.get_header("min-se")) == (422, "90")


async def test_a_change_that_cannot_be_agreed_on_leaves_the_call_as_it_is(opened: Opened) -> None:
    async with opened() as sip, phone_of(sip) as phone:
        await phone.call()
        assert (await phone.ask("INVITE", phone.describe(types="18"))).status_code == 488
        assert (await phone.ask("UPDATE", "x", kind="text/plain")).status_code == 415
        assert (await phone.ask("UPDATE")).status_code == 200
        assert (await phone.ask("REFER")).status_code == 405
        assert (await phone.ask("NOTIFY", Event="presence")).status_code == 489
        heard = len(phone.sound)
        await until(lambda: len(phone.sound) > heard + 5)
        await phone.ask("BYE")


async def test_a_far_end_that_vanished_is_noticed_by_its_silence(opened: Opened) -> None:
    async with opened(silence_s=0.3) as sip, phone_of(sip) as phone:
        await phone.call()
        bye = await phone.asked("BYE")
        assert 'text="no_media' in (bye.get_header("reason") or "")
        phone.reply(bye, "200 OK")
        detail = await sip.exchange.ended(door="sip", ref=phone.call_id)
        assert detail.interaction.end_reason == "no_media"
        await until(lambda: not sip.port.agent.legs)


@pytest.mark.parametrize(("allow", "by"), [("INVITE, UPDATE", "UPDATE"), ("INVITE", "INVITE")])
async def test_we_refresh_the_session_where_it_is_ours_to_do(opened: Opened, allow: str, by: str) -> None:
    async with opened() as sip, phone_of(sip) as phone:
        answer = await phone.call(Supported="timer", Session_Expires="600;refresher=uas", Allow=allow)
        assert (answer.get_header("session-expires"), answer.get_header("require")) == ("600;refresher=uas", "timer")
        leg = leg_of(sip, phone)
        leg.refresh.timer = SessionTimer(600, True, sip.port.agent.now_s() - 301)
        asked = await phone.asked(by)
        assert asked.get_header("session-expires") == "600;refresher=uac"
        phone.reply(asked, "200 OK", Session_Expires="600;refresher=uac")
        if by == "INVITE":
            assert (await phone.asked("ACK")).cseq == asked.cseq.__class__(asked.cseq.seq, "ACK")  # type: ignore[union-attr]
        await until(lambda: leg.refresh.timer and leg.refresh.timer.since_s > sip.port.agent.now_s() - 30)
        await phone.ask("BYE")


async def test_a_session_that_nobody_refreshes_is_over(opened: Opened) -> None:
    async with opened() as sip, phone_of(sip) as phone:
        await phone.call(Supported="timer", Session_Expires="90")
        leg_of(sip, phone).refresh.timer = SessionTimer(90, False, sip.port.agent.now_s() - 61)
        phone.reply(await phone.asked("BYE"), "200 OK")
        detail = await sip.exchange.ended(door="sip", ref=phone.call_id)
        assert detail.interaction.end_reason == "session_expired"


async def test_a_transfer_tells_how_it_goes(opened: Opened) -> None:
    async with opened() as sip, phone_of(sip) as phone:
        call_id = (await phone.call()).get_header("x-call-id")
        told: list[Progress] = []
        going = asyncio.create_task(sip.port.transfer(phone.call_id, "sip:anna@pbx.example", told.append))
        refer = await phone.asked("REFER")
        assert refer.get_header("refer-to") == f"<sip:anna@pbx.example?X-Call-Id={call_id}>"
        phone.reply(refer, "202 Accepted")
        for line in ("SIP/2.0 100 Trying", "SIP/2.0 180 Ringing", "SIP/2.0 200 OK"):
            assert (await phone.ask("NOTIFY", line, kind="message/sipfrag", Event="refer")).status_code == 200
        assert await going == Progress(200, "OK")
        assert [progress.status for progress in told] == [100, 180, 200]
        await phone.ask("BYE")


async def test_a_transfer_that_fails_leaves_the_call(opened: Opened) -> None:
    async with opened() as sip, phone_of(sip) as phone:
        await phone.call()
        going = asyncio.create_task(sip.port.transfer(phone.call_id, "sip:anna@pbx.example", lambda progress: None))
        phone.reply(await phone.asked("REFER"), "202 Accepted")
        await phone.ask("NOTIFY", "SIP/2.0 486 Busy Here", kind="message/sipfrag", Event="refer")
        with pytest.raises(TransferFailed, match="486 Busy Here"):
            await going
        with pytest.raises(ValueError, match="a SIP URI is expected"):
            await sip.port.transfer(phone.call_id, "anna; drop", lambda progress: None)
        with pytest.raises(LookupError):
            await sip.port.transfer("no-such-call", "sip:anna@pbx.example", lambda progress: None)
        assert (await phone.ask("BYE")).status_code == 200


async def test_a_port_that_is_taken_is_told(opened: Opened) -> None:
    async with opened() as sip:
        taken = sip.port.agent.address[1]
        with pytest.raises(SipUnavailable, match=rf"cannot listen on 127\.0\.0\.1 port {taken}: .*; set host or port"):
            async with opened(port=taken):
                pass


async def test_a_door_that_lets_nobody_in_is_no_door() -> None:
    with pytest.raises(ValidationError, match="nobody could call"):
        SipSettings()
    with pytest.raises(ValidationError, match="an even port"):
        SipSettings(users={"anna": SecretStr("s3cret")}, first_rtp_port=10_001, last_rtp_port=10_002)


async def test_keys_go_out_as_the_far_end_takes_them(opened: Opened) -> None:
    async with opened() as sip, phone_of(sip) as phone:
        await phone.call(phone.describe(types="8"))
        await until(lambda: phone.sound)
        wire = leg_of(sip, phone).notify.__self__  # type: ignore[attr-defined]
        await wire.send('{"order": "keys", "keys": "1"}')
        info = await phone.asked("INFO")
        assert isinstance(info, SipRequest)
        assert info.text.startswith("Signal=1\r\n")
        phone.reply(info, "200 OK")
        await phone.ask("BYE")
