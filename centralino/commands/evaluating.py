"""`centralino eval`: how well what decides about words does, on marked examples."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from centralino.analyses_figures import Sentence, SentencesError, read_sentences
from centralino.analyses_figures import measure as measure_sentences
from centralino.commands import understanding
from centralino.commands.console import err, out
from centralino.redaction_figures import Figures, Marked, Score, TranscriptsError, measure, read_marked

app = typer.Typer(help="Measure on marked examples: redaction, understanding, analyses.", no_args_is_help=True)

app.command("nlu")(understanding.nlu)

OURS = Path(__file__).resolve().parents[2] / "tests" / "history" / "transcripts"


@app.command("redaction")
def measure_redaction(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of marked transcripts; none: this checkout's test half.")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Print what was missed and what was wrong.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Recall and precision of redaction, by kind."""
    wanted = files or sorted(OURS.glob("*_test.txt"))
    conversations: list[Marked] = []
    try:
        for path in wanted:
            conversations += read_marked(path)
    except (OSError, TranscriptsError) as error:
        err.print(f"[red]centralino:[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from None
    if not conversations:
        err.print(f"[red]centralino:[/red] no transcripts in {OURS}: name files of your own")
        raise typer.Exit(1)
    figures = measure(conversations)
    if as_json:
        rows = {kind: _row(score) for kind, score in [*figures.by_kind.items(), ("all", figures.all)]}
        out.print_json(json.dumps({"conversations": figures.conversations, "kinds": rows}))
    else:
        out.print(_table(figures))
    if show:
        for name, words in (("missed", figures.missed), ("wrong", figures.wrong)):
            for said in words:
                out.print(f"{name}: {escape(said)}", soft_wrap=True)


def _row(score: Score) -> dict[str, float]:
    return {**asdict(score), "recall": round(score.recall, 4), "precision": round(score.precision, 4)}


def _table(figures: Figures) -> Table:
    table = Table("kind", "marked", "found", "recall", "taken out", "rightly", "precision")
    table.title = f"{figures.conversations} conversations"
    for kind, score in [*figures.by_kind.items(), ("all", figures.all)]:
        counts = (
            kind,
            score.of,
            score.found,
            f"{score.recall:.3f}",
            score.taken,
            score.right,
            f"{score.precision:.3f}",
        )
        table.add_row(*map(str, counts))
    return table


SENTENCES = OURS.parent / "sentences"
SEEN = (
    "These sentences are not held out: whoever wrote the lexicons wrote them and had seen them (docs/history.md). "
    "For a figure about your callers, name files of sentences of theirs."
)


@app.command("analyses")
def measure_analyses(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Files of marked sentences; none: the second half of this checkout's, which the lexicons' "
            "writers had seen: not held out."
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Print what was told wrong.")] = False,
) -> None:
    """Accuracy and F1 of topic, urgency and mood, by class. Without FILES this shows that the lexicons do what their
    writers meant, not how well they understand strangers."""
    sentences: list[Sentence] = []
    try:
        for path in files or sorted(SENTENCES.glob("*_second.txt")):
            sentences += read_sentences(path)
    except (OSError, SentencesError) as error:
        err.print(f"[red]centralino:[/red] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from None
    if not sentences:
        err.print(f"[red]centralino:[/red] no sentences in {SENTENCES}: name files of your own")
        raise typer.Exit(1)
    for kind, figures in measure_sentences(sentences).items():
        table = Table(kind, "n", "precision", "recall", "F1")
        for name, score in figures.classes.items():
            table.add_row(name, str(score.n), f"{score.precision:.2f}", f"{score.recall:.2f}", f"{score.f1:.2f}")
        out.print(table)
        out.print(f"{kind}: accuracy {figures.accuracy:.3f} of {len(sentences)} sentences")
        for words in figures.wrong if show else ():
            out.print(f"wrong: {escape(words)}", soft_wrap=True)
    if not files:
        out.print(SEEN, soft_wrap=True)
