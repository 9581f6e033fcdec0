"""How a model is asked: the port that the assembled server fills with an HTTP client, and what comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """status: of HTTP, 0 when there was none; error: why, in words of ours. retry_after_s: what the endpoint asked
    for. body: of a success."""

    status: int
    error: str = ""
    retry_after_s: float | None = None
    body: bytes = field(default=b"", repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300 and not self.error

    @property
    def of_the_endpoint(self) -> bool:
        """Whether others would fare no better now: it is away, busy, elsewhere, or refuses us."""
        return not 200 <= self.status < 300 and self.status not in (400, 413, 422)


Ask = Callable[[Mapping[str, Any]], Awaitable[Answer]]
"""(body of the request) → what came of it. It bounds time and size itself, and raises nothing."""
