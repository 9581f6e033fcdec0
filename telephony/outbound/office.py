"""All that is known of outgoing calls, for those who look at it and change it: the console's API and the dialler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from telephony.lines import Lines
from telephony.outbound.campaigns import Campaigns
from telephony.outbound.database import OutboundDatabase
from telephony.outbound.opt_outs import OptOuts
from telephony.outbound.promises import Promises
from telephony.outbound.settings import OutboundSettings


@dataclass(frozen=True)
class Outbound:
    """lines: those that are served now. dials: whether the settings let this server call anybody."""

    campaigns: Campaigns
    opt_outs: OptOuts
    promises: Promises
    lines: Callable[[], Lines]
    settings: OutboundSettings
    dials: bool

    @classmethod
    def of(cls, database: OutboundDatabase, lines: Callable[[], Lines], settings: OutboundSettings | None) -> Outbound:
        kept = settings or OutboundSettings()
        return cls(Campaigns(database), OptOuts(database), Promises(database), lines, kept, settings is not None)
