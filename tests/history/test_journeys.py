from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from history import Journal, Timeline
from history.deriving.worker import Deriving
from history.journeys.named import BadRule, named_rules
from history.journeys.paths import NOTHING, Journeys, Link, Touch, Touchpoint, links
from history.journeys.segments import After, Rule, TooMany, everybody, how_many, picked
from telephony.outbound.contact_list import read_contacts
from tests.history.calls import MONDAY, ended, entries, said, started

DAY = timedelta(days=1)


def touch(contact: str, day: float, channel: str = "voice", topic: str = "returns") -> Touch:
    return Touch(contact, MONDAY + day * DAY, channel, topic, "answered" if channel == "voice" else "sent")


def test_links_lead_to_a_call_and_away_from_it_each_contact_once() -> None:
    told = [touch("a", 0, "email"), touch("a", 1), touch("a", 1.5), touch("a", 30, "email"),
            touch("b", 0, "email"), touch("b", 1), touch("c", 5, "email"), touch("c", 6, "chat")]  # fmt: skip
    found = links(told, 7 * DAY, steps=1)
    mail, call = Touchpoint("email", "returns"), Touchpoint("voice", "returns", "answered")
    assert (str(mail), str(call)) == ("email returns", "voice returns answered")
    assert found[0] == Link(-1, mail, call, 2)
    assert Link(0, call, call, 1) in found
    assert not any("chat" in (link.source.channel, link.target.channel) for link in found)
    assert links(told, timedelta(hours=1)) == []


def test_where_paths_begin_and_end_is_told_to_who_asks() -> None:
    mail, call = Touchpoint("email", "returns"), Touchpoint("voice", "returns", "answered")
    told = [touch("a", 0, "email"), touch("a", 1), touch("b", 3), touch("b", 30)]
    assert links(told, 7 * DAY, ends=True) == [
        Link(0, call, NOTHING, 2), Link(-2, NOTHING, mail, 1), Link(-1, NOTHING, call, 1),
        Link(-1, mail, call, 1)]  # fmt: skip
    assert links(told, 7 * DAY) == [Link(-1, mail, call, 1)]


async def test_segments_and_journeys_of_a_history(journal: Journal, timeline: Timeline) -> None:
    for n, (caller, text, day) in enumerate([
        ("+39051000001", "vorrei fare un reso", 0), ("+39051000001", "ancora per il reso", 2),
        ("+39051000002", "vorrei fare un reso", 1), ("+39051000003", "che orari fate", 1),
        ("+39051000003", "che orari fate", 2), ("", "un reso", 2)]):  # fmt: skip
        log = [started(caller=caller), said("caller", text), ended()]
        await journal.append(f"call-{n}", entries(*log, began=MONDAY + day * DAY))
    await Deriving(journal, timeline, ZoneInfo("Europe/Rome")).catch_up()
    now, rule = MONDAY + 3 * DAY, Rule(within_days=7, at_least=2, topic=["returns"], channel=["voice"])
    [one] = await everybody(timeline, rule, now)
    assert (one.number, one.times, one.last) == ("+39051000001", 2, MONDAY + 2 * DAY)
    assert await everybody(timeline, rule.model_copy(update={"within_days": 2.0}), now) == []
    assert len(await everybody(timeline, Rule(within_days=7), now)) == 3
    first, second = (await timeline.get("call-0")).interaction, (await timeline.get("call-2")).interaction
    await journal.merge_contacts(first.contact_id, second.contact_id, actor="a")
    assert [one.times for one in await everybody(timeline, rule, now)] == [3]
    found = await Journeys(timeline).links(MONDAY, now)
    # Merged contacts are one: the second one's call comes between the two of the first.
    returns, hours = (Touchpoint("voice", topic, "answered") for topic in ("returns", "opening_hours"))
    assert Link(0, returns, returns, 1) in found
    assert not [link for link in found if link.contacts > 1]
    again = Link(0, hours, hours, 1)
    assert again in found
    assert again not in await Journeys(timeline).links(MONDAY, now, topic="returns")
    assert await Journeys(timeline).links(MONDAY, now, line="it", channel="voice") == found
    assert await Journeys(timeline).links(MONDAY, now, line="en") == []
    with pytest.raises(ValueError, match="steps is 9"):
        await Journeys(timeline).links(MONDAY, now, steps=9)


async def test_pages_of_a_segment_have_each_contact_once(journal: Journal, timeline: Timeline) -> None:
    for n in range(7):
        for again in range(1 + n % 3):
            log = [started(caller=f"+3905100000{n}"), said("caller", "un reso"), ended()]
            await journal.append(f"call-{n}-{again}", entries(*log, began=MONDAY + again * DAY))
    await Deriving(journal, timeline, ZoneInfo("Europe/Rome")).catch_up()
    now, rule = MONDAY + 6 * DAY, Rule(within_days=7)
    whole = await everybody(timeline, rule, now)
    assert [one.times for one in whole] == [3, 3, 2, 2, 1, 1, 1]
    paged, after = [], None
    while page := await picked(timeline, rule, now, 2, after):
        paged += page
        after = After(page[-1].times, page[-1].contact_id)
    assert paged == whole
    assert await how_many(timeline, rule, now) == 7
    with pytest.raises(TooMany, match="over 6 contacts"):
        await everybody(timeline, rule, now, most=6)


def test_rules_have_names_and_a_bad_file_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "segments"
    folder.mkdir()
    (folder / "twice.toml").write_text('title = "Due volte"\nwithin_days = 7\nat_least = 2\n')
    (folder / "odd.toml").write_text("within_days = 7\ncolour = 1\n")
    (folder / "broken.toml").write_text("within_days = \n")
    (folder / "Not Good.toml").write_text("within_days = 7\n")
    found = named_rules(tmp_path)
    assert list(found) == ["Not Good", "broken", "odd", "twice"]
    assert found["twice"] == Rule(title="Due volte", within_days=7, at_least=2)
    assert "odd.toml: colour: Extra inputs" in str(found["odd"])
    assert all(isinstance(found[name], BadRule) for name in ("Not Good", "broken", "odd"))
    assert named_rules(tmp_path / "nowhere") == {}


def test_a_rule_says_what_it_does_not_know() -> None:
    with pytest.raises(ValidationError, match="colour"):
        Rule.model_validate({"within_days": 7, "colour": ["red"]})


def test_a_segment_is_a_list_that_campaigns_take() -> None:
    [listed] = read_contacts("number,name\n0039051000001,Anna\n", (), "service").contacts
    assert (listed.number, listed.name) == ("+39051000001", "Anna")
