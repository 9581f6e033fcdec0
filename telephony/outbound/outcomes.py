"""How a try to reach somebody ended, in the words of the history and of the reports."""

from __future__ import annotations

from typing import Literal

Outcome = Literal[
    "completed",
    "message_left",
    "opted_out",
    "hung_up_early",
    "machine",
    "busy",
    "no_answer",
    "rejected",
    "failed",
    "interrupted",
    "bad_number",
    "fax",
]
"""completed: a person heard what it was about. message_left: on their machine. hung_up_early: before that. machine: one
answered, and nothing was left on it. rejected: they declined the ringing call. failed: the network or this server
could not. interrupted: this server died during it. bad_number: the network knows no such number."""

REACHED: frozenset[str] = frozenset({"completed", "message_left", "opted_out"})
"""After these nobody is called again."""
HOPELESS: frozenset[str] = frozenset({"bad_number", "fax"})
"""After these another try would end likewise."""
