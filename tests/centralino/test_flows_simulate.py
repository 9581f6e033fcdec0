"""`centralino flows test` and `flows simulate`: in the terminal, from a pipe, with a real past call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import Result
from typer.testing import CliRunner

from centralino.commands import flow_tests, flows, simulating
from dialogs.events import CallEnded, CallStarted, to_json
from dialogs.loading import load_flowbook
from history import Entry, Journal, new_id
from tests.dialogs.conversation import Conversation

SHOP = Path(__file__).parents[1] / "dialogs" / "shop.yaml"
TESTS = """
tests:
  - name: un ordine
    turns: [{keys: "1"}, {ask: number}, {keys: "412345"}, {keys: "1"}, {said: shipped}]
  - name: un regalo
    turns: [{keys: "2"}, {ask: gift}]
"""


@pytest.fixture
def draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The little shop's flowbook with two tests, of which one fails; logs stay as the test run has them."""
    for command in (flow_tests, simulating):
        monkeypatch.setattr(command, "set_up_logs", lambda *_: None)
    monkeypatch.setenv("CENTRALINO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "draft.yaml"
    path.write_text(SHOP.read_text(encoding="utf-8") + TESTS, encoding="utf-8")
    return path


def flows_command(*words: str | Path, typed: Sequence[str] = ()) -> Result:
    return CliRunner().invoke(flows.app, [*map(str, words)], input="".join(f"{line}\n" for line in typed))


def test_a_failing_test_is_told_with_its_line_and_the_exit_code(draft: Path, tmp_path: Path) -> None:
    result = flows_command("test", draft, "--json", "--junit", tmp_path / "tests.xml")
    assert result.exit_code == 1, result.output
    told = json.loads(result.stdout)
    line = len(draft.read_text(encoding="utf-8").splitlines())
    ((failure,),) = [one["failures"] for one in told["tests"] if not one["passed"]]
    assert (failure["line"], failure["node"]) == (line, "tests.1.turns.1")
    assert failure["message"].startswith("expected to be asked 'gift'; the bot said Quante copie? [ask_copies]")
    suite = ElementTree.fromstring((tmp_path / "tests.xml").read_text(encoding="utf-8"))
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("2", "1")
    passes = flows_command("test", draft, "--only", "ordine", "--at-least", "5")
    assert passes.exit_code == 0, passes.output
    assert "1 of 1 tests passed" in passes.output
    assert f"draft.yaml:{told['coverage']['missed'][0]['line']}: " in passes.output
    assert flows_command("test", draft, "--only", "ordine", "--at-least", "90").exit_code == 1


def test_a_call_is_typed_from_a_pipe(draft: Path) -> None:
    typed = [
        "/keys 1",
        "/keys 412345",
        "sì",
        "/back",
        "/silence",
        "/test prova",
        "operatore",
        "/happens operator_joins",
    ]
    result = flows_command("simulate", draft, "--at", "2026-11-27T12:30", typed=typed)
    assert result.exit_code == 0, result.output
    for words in (
        "Il numero d'ordine?",
        "ask_number",
        "L'ordine 412345 è spedito.",
        "failures 1/8",
        "hands off to desk",
    ):
        assert words in result.output
    assert "- {keys: '412345'}" in result.output
    as_json = flows_command("simulate", draft, "--json", typed=["/keys 1", "/nonsense", "/mock a.call {}"])
    assert as_json.exit_code == 1
    began, pressed, *refused = map(json.loads, as_json.stdout.splitlines())
    assert began["state"]["flow"] == "welcome"
    assert pressed["state"]["asking"] == "number"
    assert "/help" in refused[0]["error"]
    assert "no step asks another system" in refused[1]["error"]
    assert flows_command("simulate", draft, "--at", "tomorrow").exit_code == 2


def a_call_of_the_history(folder: Path) -> str:
    book = load_flowbook(SHOP)
    call = Conversation(book)
    call.types("1")
    call.types("412345")
    call.types("1")
    call.event(CallEnded(9, "caller_hung_up"))
    assert isinstance(call.log[0][0], CallStarted)
    call_id = new_id()

    async def write() -> None:
        folder.mkdir()
        journal = await Journal.open(folder / "history.db", node="test")
        try:
            began = {"line": "it", "door": "test", "language": "it", "caller": "+39051123456"}
            began |= {"flowbook": {"id": book.id, "revision": book.revision}}
            entries = [Entry("call.started", began)]
            for event, actions in call.log:
                entries.append(Entry("dialog.event", to_json(event), event.at_ms))
                entries += [Entry("dialog.action", to_json(action), event.at_ms) for action in actions]
            entries.append(Entry("call.ended", {"reason": "caller_hung_up", "outcome": "abandoned"}, 9))
            await journal.append(call_id, entries)
        finally:
            await journal.close()

    asyncio.run(write())
    return call_id


def test_a_past_call_is_played_against_a_draft(draft: Path, tmp_path: Path) -> None:
    call_id = a_call_of_the_history(tmp_path / "data")
    text = draft.read_text(encoding="utf-8")
    draft.write_text(text.replace("Digiti", "Scriva").replace("{number:digits}, giusto?", "{number:digits}: va bene?"))
    result = flows_command("simulate", draft, "--replay", "last")
    assert result.exit_code == 0, result.output
    assert "then: quattro uno due, tre quattro cinque, giusto?" in result.output
    assert "now:  quattro uno due, tre quattro cinque: va bene?" in result.output
    assert "1 of 5 turns differ" in result.output
    told = json.loads(flows_command("simulate", draft, "--replay", call_id[:12], "--json").stdout)
    assert (told["call"], told["same"], told["parted"]) == (call_id, False, None)
    assert [turn["differs"] for turn in told["turns"]] == [[], [], ["texts"], [], []]
    assert flows_command("simulate", draft, "--replay", "nobody").exit_code == 1
