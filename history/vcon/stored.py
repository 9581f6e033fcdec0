"""The vCon of an interaction as it is in the history: whoever gives one away takes it from here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from history.analyses.stored import analyses_of
from history.timeline import Timeline, UnknownInteraction
from history.vcon.exporting import Redact, Wanted, vcon_of


async def stored_vcon(
    timeline: Timeline, interaction_id: str, *, audio: Mapping[int, bytes] | None = None, redact: Redact | None = None
) -> dict[str, Any]:
    """With what was understood of it so far; made in a thread. audio, redact: see `Wanted`. Raises UnknownInteraction,
    HistoryUnavailable."""
    events = await timeline.events(interaction_id)
    if not events:
        raise UnknownInteraction(interaction_id)
    wanted = Wanted(audio=audio or {}, redact=redact, analyses=await analyses_of(timeline, interaction_id))
    return await asyncio.to_thread(vcon_of, events, wanted)
