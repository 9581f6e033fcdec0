"""What is wrong with the beginnings of the calls that we place ourselves."""

from __future__ import annotations

from collections.abc import Iterator

from dialogs.checks import Checks
from dialogs.flowbook import Flowbook
from dialogs.problems import Path, Problem
from dialogs.rendering import fields


def lint_outgoing(book: Flowbook, told: set[str]) -> Iterator[Problem]:
    """Flows, texts and queues exist; the first words need nothing that is not known yet; nobody is called who could
    not say that they do not want it."""
    queues: dict[str, str] = {}
    for flow, known in book.outgoing.items():
        path: Path = ("outgoing", flow)
        checks = Checks(book, path, told)
        if flow not in book.flows:
            yield checks.problem(f"there is no flow {flow!r}; flows: {', '.join(book.flows)}")
        for at, key in (("disclosure", known.disclosure), ("message", known.message)):
            if key:
                yield from checks.text(key, at)
                yield from _unknown_fields(book, checks, at, key, known.slots)
        for queue in known.callbacks:
            yield from checks.queue(queue, "callbacks")
            if queues.setdefault(queue, flow) != flow:
                yield checks.problem(f"call-backs of {queue!r} begin with {queues[queue]!r} already", "callbacks")
        if not known.callbacks and book.always.opt_out is None:
            why = "people who are called must be able to say that they do not want it; add always.opt_out"
            yield checks.problem(why)


def _unknown_fields(book: Flowbook, checks: Checks, at: str, key: str, slots: tuple[str, ...]) -> Iterator[Problem]:
    for code, text in book.texts.get(key, {}).items():
        try:
            missing = sorted({field.name for field in fields(text)} - set(slots))
        except ValueError:
            return  # told where the texts are checked
        for name in missing:
            yield checks.problem(f"texts.{key}.{code}: {{{name}}} is not among the slots known before the call", at)
