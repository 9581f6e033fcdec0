"""A person is erased: nothing of what they said or of who they are is left, facts and numbers of events are."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from history import Contacts, Entry, Journal, Media, Timeline, UnknownContact, new_id
from history.identity.points import named
from history.privacy.audit import Audit
from history.privacy.erasing import CannotErase, erase_contact
from history.privacy.holds import UnknownHold, holds, lift_hold, set_hold
from history.projections import project_all

CALLER = "+393331234567"
SAID = "sono la persona che va dimenticata"


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(tmp_path / "history.db", node="test")
    yield opened
    await opened.close()


@pytest.fixture
async def timeline(journal: Journal) -> AsyncIterator[Timeline]:
    opened = Timeline(journal.path)
    yield opened
    await opened.close()


async def a_call(journal: Journal, caller: str = CALLER, *, ended: bool = True, recorded: bool = False) -> str:
    call = new_id()
    entries = [
        Entry("call.started", {"line": "it", "door": "test", "language": "it", "caller": caller}),
        Entry("transcript", {"speaker": "caller", "text": SAID, "start_ms": 0, "end_ms": 900}, 900, "caller"),
        Entry("dialog.event", {"kind": "CallerSaid", "text": SAID}, 900),
        Entry("callback.requested", {"queue": "q", "reason": SAID, "slots": {"nome": SAID}}, 950),
    ]
    if recorded:
        stored = {
            "file": f"{call}.ogg",
            "bytes": 1,
            "sha512": "0",
            "duration_ms": 900,
            "delete_after": "2026-01-01T00:00:00Z",
        }
        entries.append(Entry("recording.stored", stored, 980))
    entries += [
        Entry(
            "survey.answered", {"kind": "csat", "score": 4, "scale": 5, "comment": SAID, "answered_by": "voice"}, 990
        ),
        Entry("operator.wrapped_up", {"operator": "op", "duration_ms": 5, "code": "resi", "note": SAID}, 995),
    ]
    if ended:
        entries.append(Entry("call.ended", {"reason": "caller_hung_up", "outcome": "answered"}, 1000))
    await journal.append(call, entries)
    return call


async def contact_of(timeline: Timeline, caller: str = CALLER) -> str:
    point = named("tel", caller)
    assert point is not None
    found = await Contacts(timeline).at(point)
    assert found is not None
    return found.id


async def no_file(media: Media) -> None:
    raise AssertionError(f"nothing was recorded: {media}")


async def test_nothing_of_the_person_is_left_and_the_facts_are(journal: Journal, timeline: Timeline) -> None:
    call, other = await a_call(journal), await a_call(journal, "+393339999999")
    contact = await contact_of(timeline)
    receipt = await erase_contact(timeline, journal, contact, actor="acc_1", delete_file=no_file)
    export = await timeline.export(call)
    assert SAID not in str(export)
    assert CALLER not in str(export)
    assert [event["seq"] for event in export["events"]] == [1, 2, 3, 4, 5, 6, 7]
    detail = await timeline.get(call)
    assert [(one.score, one.answered_by, one.comment) for one in detail.surveys] == [(4, "voice", "")]
    assert [(done.code, done.duration_ms, done.note) for done in detail.wrapups] == [("resi", 5, "")]
    again = project_all(await timeline.events(call))  # and so it stays when the tables are made anew
    assert (again.surveys, again.wrapups) == (detail.surveys, detail.wrapups)
    row = (await timeline.get(call)).interaction
    assert (row.line, row.outcome, row.duration_ms, row.contact_id) == ("it", "answered", 1000, "")
    with pytest.raises(UnknownContact):
        await Contacts(timeline).get(contact)
    assert SAID in str(await timeline.export(other))
    assert receipt["interactions"] == [call]
    (audited,) = await Audit(journal, timeline).rows()
    assert (audited.seq, audited.hash) == (receipt["audit_seq"], receipt["audit_hash"])
    assert receipt["receipt_sha256"] in audited.detail
    assert contact not in str(audited)
    with pytest.raises(UnknownContact):
        await erase_contact(timeline, journal, contact, actor="acc_1", delete_file=no_file)


async def test_no_byte_of_it_is_left_in_the_file(journal: Journal, timeline: Timeline) -> None:
    await a_call(journal)
    await erase_contact(timeline, journal, await contact_of(timeline), actor="acc_1", delete_file=no_file)
    await timeline.close()
    await journal.close()  # the last connection writes the WAL back and removes it
    assert SAID.encode() not in journal.path.read_bytes()
    assert CALLER.encode() not in journal.path.read_bytes()


async def test_a_person_who_calls_again_is_a_new_contact(journal: Journal, timeline: Timeline) -> None:
    await a_call(journal)
    await erase_contact(timeline, journal, await contact_of(timeline), actor="acc_1", delete_file=no_file)
    again = await a_call(journal)
    assert (await timeline.get(again)).interaction.contact_id == await contact_of(timeline)


async def test_a_hold_keeps_everything_until_it_is_lifted(journal: Journal, timeline: Timeline) -> None:
    call = await a_call(journal, recorded=True)
    contact = await contact_of(timeline)
    gone: list[int] = []

    async def delete_file(media: Media) -> None:
        gone.append(media.seq)
        await journal.append(media.interaction_id, [Entry("recording.deleted", {"media_seq": media.seq}, 990)])

    for kind, subject in (("interaction", call), ("contact", contact)):
        hold = await set_hold(journal, kind, subject, "causa in corso", actor="acc_1")  # type: ignore[arg-type]
        with pytest.raises(CannotErase, match="causa in corso"):
            await erase_contact(timeline, journal, contact, actor="acc_1", delete_file=delete_file)
        assert await timeline.media_due(datetime.now(UTC)) == []
        await lift_hold(journal, hold, actor="acc_2")
        with pytest.raises(UnknownHold):
            await lift_hold(journal, hold, actor="acc_2")
    assert gone == []
    assert await holds(timeline) == []
    assert len(await holds(timeline, in_force=False)) == 2
    assert len(await timeline.media_due(datetime.now(UTC))) == 1
    receipt = await erase_contact(timeline, journal, contact, actor="acc_1", delete_file=delete_file)
    assert (gone, receipt["recordings"]) == ([5], 1)
    actions = [row.action for row in await Audit(journal, timeline).rows()]
    assert actions == ["contact.erased", "hold.lifted", "hold.set", "hold.lifted", "hold.set"]


async def test_who_is_talking_cannot_be_erased(journal: Journal, timeline: Timeline) -> None:
    await a_call(journal, ended=False)
    with pytest.raises(CannotErase, match="under way"):
        await erase_contact(timeline, journal, await contact_of(timeline), actor="acc_1", delete_file=no_file)
