"""Every mistake in a flowbook is told with its file, line and step, all of them at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dialogs import Flowbook, FlowbookErrors, Located, load_flowbook, read_flowbook

GOOD = Path(__file__).with_name("shop.yaml").read_text(encoding="utf-8")


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def without_column(problem: Located) -> str:
    return str(replace(problem, column=0)).replace(":0:", ":", 1)


def errors(text: str) -> list[str]:
    with pytest.raises(FlowbookErrors) as caught:
        read_flowbook(text, "shop.yaml")
    return [without_column(error) for error in caught.value.errors]


def warnings(text: str) -> list[str]:
    return [without_column(warning) for warning in read_flowbook(text, "shop.yaml").warnings]


MISTAKES = [
    # (what is replaced, by what, a part of the line that is blamed, the message)
    ("  ask_gift: {it: È un regalo?, en: Is it a gift?, ko: 선물인가요?}\n", "", "gift: {type: yes_no}",
     "flow 'survey', step 1: slot 'gift' has no prompt in 'it', 'en', 'ko'; "
     "add texts.ask_gift.it, texts.ask_gift.en, texts.ask_gift.ko"),
    ("  hello: {it: Come posso aiutarla?, en: How can I help?, ko: 무엇을 도와드릴까요?}\n", "", "say: hello",
     "flow 'welcome', step 1: there is no text 'hello'; add texts.hello.it"),
    ('"1": order, ', '"1": ordr, ', 'keypad: {"1": ordr',
     "flow 'welcome', step 1: there is no flow 'ordr'; "
     "flows: welcome, more, question, order, survey, goodbye"),
    ('"1": order, ', '"A": order, ', '"A": order', "flow 'welcome', step 1: 'A' is no key; keys are 0-9, * and #"),
    ("intents: [order, survey, operator]", "intents: [order, surveys, operator]", "surveys",
     "flow 'welcome', step 1: there is no intent 'surveys'; add intents.surveys.it"),
    ("start: welcome", "start: hello", "start: hello",
     "start: there is no flow 'hello'; flows: welcome, more, question, order, survey, goodbye"),
    ("- handoff: orders", "- handoff: ordrs", "handoff: ordrs",
     "flow 'order', step 2, else 1, then 2: there is no queue 'ordrs'; queues: desk, orders"),
    ("with: [number, reason, urgent]", "with: [number, rason]", "with: [number, rason]",
     "flow 'order', step 2, else 1, then 2: no step fills the slot 'rason'; "
     "slots: number, reason, urgent, copies, gift, courier"),
    ("{say: to_desk, handoff: desk}", "{say: to_desk}", "no_match:",
     "repair.no_match: the ladder has no exit: its last rung must be handoff, callback or end"),
    ("{say: to_desk, handoff: desk}", "{say: to_desk, handoff: desk, end: x}", "no_match:",
     "repair.no_match.2: a rung leaves in one way only; here are handoff and end"),
    ('- if: number.startsWith("4")', '- if: number.startsWith("4"', 'startsWith("4"',
     "flow 'order', step 2: 'number.startsWith(\"4\"' is not a CEL condition: "
     'number.startsWith("4" ^'),
    ("- if: gift && copies > 10", "- if: gift && copys > 10", "copys",
     "flow 'survey', step 2: the condition uses 'copys', which no step fills "
     "(slots: copies, courier, gift, number, reason, urgent)"),
    ('call.language == "it"', 'call.lang == "it"', "call.lang ",
     "flow 'order', step 2, else 1: the condition uses call.lang; "
     "there is only call.language, call.line, call.caller, call.verified, call.topic, call.urgency, call.mood"),
    ("- say: shipped", "- sya: shipped", "sya",
     "flow 'order', step 2, then 1: a step needs exactly one keyword of "
     "answer, call, callback, end, fill, goto, handoff, if, jump, language, listen, menu, message, note, open, record, "
     "return, say, set, survey, verify; here is 'sya'"),
    ("{say: we_call, interruptible: false}", "{say: we_call, interuptible: false}", "interuptible",
     "flow 'survey', step 2, then 2: unknown key 'interuptible'"),
    ("type: digits, length: 6", "type: digit, length: 6", "type: digit,",
     "flow 'order', step 1: number: unknown type 'digit': digits, number, yes_no, choice, date, time, money, "
     "email, text, phone, name, address, plate, codice_fiscale, iban or pattern"),
    ("type: digits, length: 6", "type: digits, length: six", "length: six",
     "flow 'order', step 1: length: input should be a valid integer, "
     "unable to parse string as an integer, not 'six'"),
    ("type: digits, length: 6", "type: digits, length: 6, max_length: 7", "max_length: 7",
     "flow 'order', step 1: number: give either length, or min_length and max_length"),
    ("type: number, min: 1, max: 20", "type: number, min: 21, max: 20", "min: 21",
     "flow 'survey', step 1: copies: min is greater than max"),
    ("    - answer: {kb: main", "    - turns: {silence_ms: 900, slow_ms: 800}\n      answer: {kb: main", "slow_ms: 800",
     "flow 'question', step 1: turns: silence_ms (900) is longer than slow_ms (800)"),
    ("    - answer: {kb: main", "    - turns: {patience_ms: 900}\n      answer: {kb: main", "patience_ms",
     "flow 'question', step 1: unknown key 'patience_ms'"),
    ("    - answer: {kb: main", "    - turns: {barge_in_ms: 1s}\n      answer: {kb: main", "barge_in_ms",
     "flow 'question', step 1: barge_in_ms: input should be a valid integer, "
     "unable to parse string as an integer, not '1s'"),
    ("- say: noted", "- {say: noted, turns: {silence_ms: 900}}", "say: noted, turns",
     "flow 'survey', step 3: unknown key 'turns'"),
    (", ko: [우편]", "", "post: {key",
     "flow 'survey', step 1: slot 'courier': option 'post' cannot be said in 'ko'; add options.post.say.ko"),
    ('"{number:digits}, giusto?"', '"{number}, giusto?"', "number: {type: digits",
     "flow 'order', step 1: slot 'number' is read back, but texts.confirm_number.it does not spell it; "
     "write {number:digits}"),
    ("{it: In preparazione.", '{it: "In preparazione {numbr}."', "in_work: {it",
     "texts.in_work.it: nothing fills {numbr}; here may stand: "
     "{number}, {reason}, {urgent}, {copies}, {gift}, {courier}"),
    ("{it: In preparazione.", '{it: "In {number.__class__}."', "in_work: {it",
     "texts.in_work.it: nothing fills {number.__class__}; here may stand: "
     "{number}, {reason}, {urgent}, {copies}, {gift}, {courier}"),
    ("{it: In preparazione.", '{it: "In {number:upper}."', "in_work: {it",
     "texts.in_work.it: unknown formatter 'upper' in {number:upper}; "
     "formatters: digits, letters, date, time, money, number"),
    ("{it: In preparazione.", '{it: "In {number."', "in_work: {it",
     "texts.in_work.it: unbalanced brace; a slot is written {name} or {name:digits}"),
    ("{it: Risponde un assistente virtuale automatico.", '{it: "{number}"', "disclosure: {it",
     "texts.disclosure.it: nothing fills {number}; here may stand: none"),
    ("max_wait: 90s", "max_wait: 90", "max_wait: 90",
     "queues.desk.max_wait: 90 is no duration; write for instance 6s, 3m or 500ms"),
    ("also: [en, ko]", "also: [en, ko, fr]", "languages:",
     "languages: nothing is known of language 'fr'; known: en, it, ko"),
    ("  survey:\n    it: [vorrei ordinare", "  survey:  # x\n    de: [vorrei ordinare", "# x",
     "intents.survey: no phrasings in 'it'; add intents.survey.it"),
    ("  failure: {it: Problema tecnico., en: Technical problem., ko: 기술 문제입니다.}\n", "", "texts:",
     "texts: the engine itself needs the text 'failure'; add texts.failure.it"),
    ("grammar: {ko: [영업 시간, 배송]}", "grammar: {de: [Hallo]}", "grammar: {de",
     "flow 'welcome', step 1: a grammar for 'de', which is no language of this flowbook"),
    ("goodbye: [{say: bye}, {end: answered}]", "goodbye: [{say: bye}]", "goodbye: [{",
     "flow 'goodbye', step 1: the flow stops here in mid-call; add a goto, handoff or end after it"),
    ("goodbye: [{say: bye}, {end: answered}]", "goodbye: []", "goodbye: []",
     "flow 'goodbye': the flow has no steps"),
    ("goodbye: [{say: bye}, {end: answered}]", "operator: [{end: answered}]", "operator: [{",
     "flow 'operator': 'operator' is the name of a command; call the flow something else"),
    ("id: shop\n", "", "flowbook: 1", "'id' is missing"),
    ("start: welcome\n", "start: welcome\ncolour: red\n", "colour", "colour: unknown key 'colour'"),
    ("start: welcome\n", "start: welcome\nstart: more\n", "start: more",
     "start (again): 'start' was given already, in line 4"),
    ("start: welcome", "start: !!python/object:os.system welcome", "start:",
     "start: 'welcome' is no text, number or true/false; put it in quotes"),
    ("start: welcome", "start: &a welcome\nids: *a", "ids:",
     "ids: references (*name) are not supported; write it out"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "blamed", "message"),
    [
        (", ko: 주문 번호는요?}", "number: {type: digits",
         "warning: flow 'order', step 1: slot 'number' has no prompt in 'ko'; add texts.ask_number.ko "
         "(callers hear it in 'it')"),
        (", ko: 기다려 주세요.}", "operator: {handoff: desk, say: passing_on}",
         "warning: always.operator.say: text 'passing_on' is missing in 'ko'; add texts.passing_on.ko "
         "(callers hear it in 'it')"),
    ],
)  # fmt: skip
def test_a_missing_translation_is_told_and_the_default_language_takes_its_place(
    old: str, blamed: str, message: str
) -> None:
    text = GOOD.replace(old, "}", 1)
    assert f"shop.yaml:{line_of(text, blamed)}: {message}" in warnings(text)


@pytest.mark.parametrize(("old", "new", "blamed", "message"), MISTAKES)
def test_a_mistake_is_told_with_its_line(old: str, new: str, blamed: str, message: str) -> None:
    assert GOOD.count(old) >= 1
    text = GOOD.replace(old, new, 1)
    assert f"shop.yaml:{line_of(text, blamed)}: {message}" in errors(text)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = GOOD
    for old, new, _, _ in (MISTAKES[0], MISTAKES[1], MISTAKES[6], MISTAKES[14], MISTAKES[36]):
        text = text.replace(old, new, 1)
    told = errors(text)
    assert len(told) == 5
    lines = [int(error.split(":")[1]) for error in told]
    assert lines == sorted(lines)


def test_a_loop_that_never_listens() -> None:
    text = GOOD.replace(
        "  goodbye: [{say: bye}, {end: answered}]", "  goodbye: [{say: bye}, {goto: spin}]\n  spin: [{goto: goodbye}]"
    )
    assert any("a loop that never listens to the caller: goodbye → spin → goodbye" in error for error in errors(text))


def test_a_loop_through_a_branch() -> None:
    text = GOOD.replace(
        "  goodbye: [{say: bye}, {end: answered}]",
        "  goodbye:\n    - if: gift\n      then: [{goto: goodbye}]\n    - end: answered",
    )
    (error,) = errors(text)
    assert error == (
        f"shop.yaml:{line_of(text, 'then: [{goto: goodbye}]')}: flow 'goodbye', step 1, then 1: "
        "a loop that never listens to the caller: goodbye"
        " → goodbye"
    )


def test_what_is_odd_is_a_warning() -> None:
    text = GOOD.replace(
        "goodbye: [{say: bye}, {end: answered}]",
        "goodbye: [{end: answered}, {say: bye}, {end: x}]\n  alone: [{end: x}]",
    )
    text = text.replace("    ko: [구매, 책 구매, 사고 싶어요, 예약, 책 예약]", "    ko: [구매]")
    told = warnings(text)
    assert [warning.split(": ", 2)[2] for warning in told] == [
        "flow 'goodbye', step 2: this step is never reached",
        "flow 'alone': no step leads to this flow",
        "intents.survey.ko: only 1 phrasings in 'ko'; callers are understood better with 5 to 10",
    ]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("flows: [", 1, "this is no YAML"),
        ("a: 1\nb: {c: 2\nd: 3\n", 3, "this is no YAML"),
        ("", 1, "'flowbook' is missing"),
        ("- a\n- b\n", 1, "input should be a valid dictionary or instance of Flowbook"),
    ],
)
def test_what_is_no_flowbook_at_all(text: str, line: int, why: str) -> None:
    told = errors(text)
    assert any(error.startswith(f"shop.yaml:{line}: ") and why in error for error in told), told


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(FlowbookErrors, match="not UTF-8"):
        load_flowbook(file)
    file.write_text(GOOD, encoding="utf-8")
    assert load_flowbook(file).id == "shop"


def test_the_revision_is_the_content(shop: Flowbook) -> None:
    assert shop.revision == read_flowbook(GOOD).revision
    assert shop.revision != read_flowbook(GOOD + "\n").revision
    assert len(shop.revision) == 12


def test_all_texts_of_a_language(shop: Flowbook) -> None:
    assert "Come posso aiutarla?" in shop.spoken_texts("it")
    assert len(shop.spoken_texts("it")) == len(shop.texts)
    assert shop.spoken_texts("xx") == []


def test_the_grammar_of_a_language(shop: Flowbook) -> None:
    assert {"영업 시간", "네", "상담원", "칠", "특급"} <= set(shop.grammar("ko"))


def test_the_bookshop_is_without_fault(bookshop: Flowbook) -> None:
    assert bookshop.warnings == ()
    assert bookshop.codes == ("it", "en", "ko")
    assert set(bookshop.queues) == {"assistenza", "ordini"}
