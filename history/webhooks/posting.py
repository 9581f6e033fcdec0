"""How a message leaves: the port that the assembled server fills with an HTTP client, and what comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """status: of HTTP, 0 when there was none; error: why. retry_after_s: what a receiver asked for."""

    status: int
    error: str = ""
    retry_after_s: float | None = None

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300


Post = Callable[[str, Mapping[str, str], bytes], Awaitable[Answer]]
"""(url, headers, body) → what came of it. It bounds time and size itself, follows no redirect, reaches only addresses
that may be reached, and raises nothing."""
