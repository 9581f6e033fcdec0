"""What a call of ours is about: known before anybody answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Occasion:
    """flow: that it begins with; slots: known before. screened: who answers is found out before the bot speaks.
    leaves_message: on a machine, after its beep. about: for the history: the campaign, the contact,
    or the call-back that is owed.
    """

    flow: str
    slots: Mapping[str, str] = field(default_factory=dict)
    screened: bool = True
    leaves_message: bool = False
    about: Mapping[str, str] = field(default_factory=dict)
