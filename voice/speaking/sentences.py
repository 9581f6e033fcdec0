"""Cutting a text into sentences that an engine speaks well in one go."""

from __future__ import annotations

import re

LONGEST = 200
"""Characters of one piece: about 12 s of speech. pyttsx3 2.99 was seen to lose texts of thousands of characters."""

# A full stop ends a sentence only before white space, so that '3.50' and 'www.example.it' stay whole.
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])[\"'»”’)]*\s+|\s*\n+\s*")
_CLAUSE_END = re.compile(r"(?<=[,;:、，])\s+")
# Titles and the like before a name: their stop ends nothing.
_ABBREVIATION = re.compile(r"\b(?:sig|sigg|sigra|dott|dr|prof|ing|avv|geom|rag|art|pag|mr|mrs|ms|st|no|tel)\.$", re.I)


def clean(text: str) -> str:
    """The text without control characters (a NUL would end it for espeak-ng), white space made single."""
    lines = ("".join(c if c.isprintable() else " " for c in line) for line in text.splitlines())
    return "\n".join(joined for line in lines if (joined := " ".join(line.split())))


def sentences(text: str, longest: int = LONGEST) -> tuple[str, ...]:
    """The sentences of `text` in order, none longer than `longest`: a longer one is cut at commas, then at spaces.

    A piece without a letter or digit (nothing to speak) is left out.
    """
    pieces: list[str] = []
    for sentence in _whole_sentences(clean(text)):
        pieces += _pack(sentence, longest)
    return tuple(piece for piece in pieces if any(c.isalnum() for c in piece))


def _whole_sentences(text: str) -> list[str]:
    found: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if _ABBREVIATION.search(text, start, end.start()):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    return [*found, text[start:].strip()]


def _pack(sentence: str, longest: int) -> list[str]:
    """Clauses (words where a clause is too long, then plain cuts) joined again up to `longest` characters."""
    if len(sentence) <= longest:
        return [sentence]
    atoms: list[str] = []
    for clause in _CLAUSE_END.split(sentence):
        words = [clause] if len(clause) <= longest else clause.split()
        atoms += [word[i : i + longest] for word in words for i in range(0, len(word), longest)]
    packed = [atoms[0]]
    for atom in atoms[1:]:
        if len(packed[-1]) + 1 + len(atom) <= longest:
            packed[-1] += " " + atom
        else:
            packed.append(atom)
    return packed
