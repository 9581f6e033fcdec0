"""Recorded sessions: every message of a far end in its order, byte for byte as the real system writes it.

One message a line: `T ` and the text of a text message, or `B ` and a binary message in hexadecimal. Empty lines and
lines that begin with `#` say something to the reader.
"""

from __future__ import annotations

from pathlib import Path


def recorded(name: str) -> list[str | bytes]:
    """The messages of `<name>.txt` beside this file."""
    messages: list[str | bytes] = []
    for line in Path(__file__).with_name(f"{name}.txt").read_text("utf-8").splitlines():
        kind, _, content = line.partition(" ")
        if kind == "T":
            messages.append(content)
        elif kind == "B":
            messages.append(bytes.fromhex(content))
        elif line and kind[0] != "#":
            raise ValueError(f"session {name}: a line is neither T, B nor #: {line[:60]}")
    return messages
