"""Sound, words and facts of each channel go when their time is over, and not before; a hold stops them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from centralino.retention_settings import RetentionSettings
from history import Entry, Journal, Media, Timeline, UnknownInteraction, new_id
from history.privacy.audit import Audit
from history.privacy.holds import lift_hold, set_hold
from history.privacy.retention import Clocks, Retention, Sweeper

RETENTION = Retention(Clocks(10, 20, 30), {"chat": Clocks(transcript_days=5)})
SAID = "una frase che non resta"


class Kept:
    """A history, and a sweeper whose time the tests move."""

    def __init__(self, journal: Journal, timeline: Timeline) -> None:
        self.journal, self.timeline, self.now = journal, timeline, datetime.now(UTC)
        self.sweeper = Sweeper(timeline, journal, RETENTION, self.delete_file, lambda: self.now)

    async def delete_file(self, media: Media) -> None:
        await self.journal.append(media.interaction_id, [Entry("recording.deleted", {"media_seq": media.seq}, 990)])

    async def call(self, caller: str = "+393331234567") -> str:
        call = new_id()
        stored = {"file": f"{call}.ogg", "bytes": 1, "sha512": "0", "duration_ms": 900}
        entries = [
            Entry("call.started", {"line": "it", "door": "test", "language": "it", "caller": caller}),
            Entry("transcript", {"speaker": "caller", "text": SAID, "start_ms": 0, "end_ms": 900}, 900, "caller"),
            Entry("recording.stored", stored, 980),
            Entry("call.ended", {"reason": "caller_hung_up", "outcome": "answered"}, 1000),
        ]
        await self.journal.append(call, entries)
        return call

    async def swept_after(self, days: int) -> tuple[int, int, int]:
        self.now = datetime.now(UTC) + timedelta(days=days, hours=1)
        found = await self.sweeper.sweep()
        return len(found.audio), len(found.words), len(found.facts)


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Kept]:
    journal = await Journal.open(tmp_path / "history.db", node="test")
    timeline = Timeline(journal.path)
    yield Kept(journal, timeline)
    await timeline.close()
    await journal.close()


async def test_sound_then_words_then_facts_go(kept: Kept) -> None:
    call = await kept.call()
    assert await kept.swept_after(9) == (0, 0, 0)
    assert await kept.swept_after(10) == (1, 0, 0)
    assert SAID in str(await kept.timeline.export(call))
    assert await kept.swept_after(20) == (0, 1, 0)
    detail = await kept.timeline.get(call)
    assert SAID not in str(await kept.timeline.export(call))
    assert (detail.interaction.caller, detail.interaction.outcome) == ("+393331234567", "answered")
    assert detail.interaction.contact_id
    assert await kept.swept_after(29) == (0, 0, 0)
    assert await kept.swept_after(30) == (0, 0, 1)
    with pytest.raises(UnknownInteraction):
        await kept.timeline.get(call)
    rows = await Audit(kept.journal, kept.timeline).rows()
    assert [row.action for row in rows] == ["retention.facts", "retention.words"]
    assert call in rows[0].detail


async def test_a_server_that_slept_for_long_deletes_all_of_it_at_once(kept: Kept) -> None:
    calls = [await kept.call() for _ in range(3)]
    assert await kept.swept_after(100) == (3, 0, 3)
    assert await kept.timeline.list_interactions() == []
    assert await kept.timeline.events(calls[0]) == []


async def test_a_hold_stops_all_clocks_and_looking_deletes_nothing(kept: Kept) -> None:
    held, free = await kept.call(), await kept.call("+393337654321")
    hold = await set_hold(kept.journal, "interaction", held, "causa", actor="acc_1")
    kept.now += timedelta(days=25)
    looked = await kept.sweeper.look()
    assert ([media.interaction_id for media in looked.audio], looked.words) == ([free], (free,))
    assert SAID in str(await kept.timeline.export(free))
    assert await kept.swept_after(25) == (1, 1, 0)
    assert SAID in str(await kept.timeline.export(held))
    await lift_hold(kept.journal, hold, actor="acc_1")
    assert await kept.swept_after(25) == (1, 1, 0)


def test_settings_name_what_contradicts_itself() -> None:
    wanted = RetentionSettings.model_validate({"audio_days": 30, "channels": {"email": {"facts_days": 900}}})
    assert wanted.retention() == Retention(Clocks(audio_days=30), {"email": Clocks(facts_days=900)})
    with pytest.raises(ValueError, match="facts_days is 10, less than transcript_days, 20"):
        RetentionSettings(transcript_days=20, facts_days=10)
    with pytest.raises(ValueError, match="audio_day"):
        RetentionSettings.model_validate({"audio_day": 3})
