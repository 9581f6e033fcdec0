"""What whoever is rung does about it."""

from __future__ import annotations

from dataclasses import dataclass, field

BUSY, NO_ANSWER, FAILED, DECLINED, ANSWERS = "busy", "no-answer", "failed", "declined", "answers"


@dataclass
class People:
    """who: what the person at a number or an address does; everybody else answers. rung: whom was rung, in order."""

    who: dict[str, str] = field(default_factory=dict)
    rung: list[str] = field(default_factory=list)

    def asked(self, to: str) -> str:
        self.rung.append(to)
        return self.who.get(to, ANSWERS)
