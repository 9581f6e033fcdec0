"""What is wrong in a flowbook whose schema is right: names that lead nowhere, missing texts, flows that spin."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from dialogs.checks import Checks
from dialogs.flowbook import Flowbook
from dialogs.frame import CALL_BACK, COMMANDS, OPTIONAL_TEXTS, RESERVED_TEXTS
from dialogs.giving_back import lint_handback
from dialogs.languages import known_languages
from dialogs.outgoing import lint_outgoing
from dialogs.problems import Problem, of_rule
from dialogs.reaching import lint_paths
from dialogs.rendering import fields
from dialogs.slots import Slot
from dialogs.steps.listen import ListenStep
from dialogs.steps.step import AskingStep
from dialogs.walking import every_step

_FEW_PHRASINGS = 5
"""With 5 phrasings 71 % of utterances were understood, with 3 only 62 % (Banking77, word and sentence likeness)."""


def lint(book: Flowbook, begins_with: Collection[str] = ()) -> Iterator[Problem]:
    """All problems, in no particular order. begins_with: flows with which calls may begin beside the first one."""
    unknown = [code for code in book.codes if code not in known_languages()]
    for code in unknown:
        known = ", ".join(known_languages())
        yield Problem(("languages",), f"nothing is known of language {code!r}; known: {known}")
    if unknown:
        return
    told: set[str] = set()
    for at, step in every_step(book.flows):
        yield from step.lint(Checks(book, ("flows", *at), told))
    yield from _head(book, told)
    yield from _ladders(book, told)
    yield from _queues(book, told)
    yield from _intents(book)
    yield from lint_outgoing(book, told)
    yield from lint_handback(book)
    yield from _texts(book, told)
    yield from _slots(book)
    yield from _tests(book)
    yield from lint_paths(book, begins_with)


@of_rule("head")
def _head(book: Flowbook, told: set[str]) -> Iterator[Problem]:
    top = Checks(book, (), told)
    yield from top.flow(book.start, "start")
    yield from top.text(book.disclosure, "disclosure")
    yield from top.grammar(book.grammars, "grammars")
    for key in RESERVED_TEXTS:
        if key not in book.texts:
            yield top.problem(f"the engine itself needs the text {key!r}; add texts.{key}.{book.codes[0]}", "texts")
    always = Checks(book, ("always",), told)
    yield from always.queue(book.always.operator.handoff, "operator", "handoff")
    yield from always.text(book.always.operator.say, "operator", "say")
    if book.always.cancel is not None:
        yield from always.flow(book.always.cancel.goto, "cancel", "goto")
    if book.always.sensed is not None:
        for topic, queue in book.always.sensed.queues.items():
            yield from always.queue(queue, "sensed", "queues", topic)
    if book.always.opt_out is not None:
        yield from always.text(book.always.opt_out.say, "opt_out", "say")
    for name in book.always.intents:
        yield from always.intent(name, "intents")
        yield from always.flow(name, "intents")
    for name in book.flows:
        if name in COMMANDS:
            yield Problem(("flows", name), f"{name!r} is the name of a command; call the flow something else")


@of_rule("ladder")
def _ladders(book: Flowbook, told: set[str]) -> Iterator[Problem]:
    yield from Checks(book, ("repair",), told).ladders(book.repair)
    for at, step in every_step(book.flows):
        if isinstance(step, AskingStep) and step.repair:
            yield from Checks(book, ("flows", *at), told).ladders(step.repair, "repair")


@of_rule("queue")
def _queues(book: Flowbook, told: set[str]) -> Iterator[Problem]:
    for name, queue in book.queues.items():
        checks = Checks(book, ("queues", name), told)
        if queue.calendar:
            yield from checks.calendar(queue.calendar, "calendar")
            if not queue.when_closed:
                why = "the queue has hours, but no when_closed: callers outside them are called back"
                yield checks.warning(why, "calendar")
        for way in ("when_closed", "when_full"):
            target = getattr(queue, way)
            if target and target != CALL_BACK:
                yield from checks.flow(target, way)


@of_rule("intents")
def _intents(book: Flowbook) -> Iterator[Problem]:
    heard = {name for _, step in every_step(book.flows) if isinstance(step, ListenStep) for name in step.listen.intents}
    heard.update(book.always.intents)
    for name, phrasings in book.intents.items():
        for code in book.codes:
            if not phrasings.get(code):
                yield Problem(("intents", name), f"no phrasings in {code!r}; add intents.{name}.{code}")
            elif len(phrasings[code]) < _FEW_PHRASINGS:
                few = f"only {len(phrasings[code])} phrasings in {code!r}; callers are understood better with 5 to 10"
                yield Problem(("intents", name, code), few, is_warning=True, rule="few-phrasings")
        if name not in heard:
            yield Problem(("intents", name), "no listen step names this intent", is_warning=True)
    for name, titles in book.intent_titles.items():
        if name not in book.intents:
            yield Problem(("intent_titles", name), f"no intent is named {name!r}")
        for code, title in titles.items():
            if code not in book.codes:
                yield Problem(("intent_titles", name, code), f"{code!r} is no language of this flowbook")
            elif not title.strip():
                yield Problem(("intent_titles", name, code), "a title says something; or leave it out")


@of_rule("text")
def _texts(book: Flowbook, told: set[str]) -> Iterator[Problem]:
    own_fields = {**RESERVED_TEXTS, **OPTIONAL_TEXTS, book.disclosure: (), book.always.operator.say: ()}
    for key, said in book.texts.items():
        checks = Checks(book, ("texts", key), told)
        yield from checks.text(key)
        for code, text in said.items():
            if code not in book.codes:
                yield checks.problem(f"{code!r} is no language of this flowbook", code)
            try:
                for field in fields(text):
                    yield from checks.value(field, own_fields.get(key), code)
            except ValueError as error:
                yield checks.problem(str(error), code)


@of_rule("slot")
def _slots(book: Flowbook) -> Iterator[Problem]:
    kinds: dict[str, type[object]] = {}
    for at, step in every_step(book.flows):
        for name, slot in step.slots().items():
            kind = type(slot)
            if name in ("call", "contact", "env"):
                why = f"a slot cannot be named {name!r}: conditions read the {name} itself there"
                yield Problem(("flows", *at), why)
            elif name in book.results:
                yield Problem(("flows", *at), f"{name!r} is the name of a slot and of a saved result")
            if isinstance(slot, Slot) and kinds.setdefault(name, kind) is not kind:
                yield Problem(("flows", *at), f"slot {name!r} is another type elsewhere; give it another name")


@of_rule("tests")
def _tests(book: Flowbook) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, test in enumerate(book.tests):
        if test.name in seen:
            why = f"another test has the name {test.name!r}, too: reports cannot tell them apart"
            yield Problem(("tests", number, "name"), why, is_warning=True)
        seen.add(test.name)
