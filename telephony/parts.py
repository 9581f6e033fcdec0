"""What all calls of a server share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from dialogs.contact import Contact
from history import Journal
from telephony.control.controls import Controls
from telephony.control.transfers import TransferSettings
from telephony.errands import Errands
from telephony.late_writing import LateWriting
from telephony.operators.desk import Desk
from telephony.partials import Partials
from telephony.recording.recorder import Recorder
from voice.listening.workers import Recognizers
from voice.speaking.prompts import Speaker


@dataclass(frozen=True)
class Parts:
    """What every call of this server shares. recorder None: no call is recorded. contacts: what the history
    knows of a number, None when nobody is asked. late: through which calls, and the desk of calls, write."""

    journal: Journal
    late: LateWriting
    recognizers: Recognizers
    speaker: Speaker
    desk: Desk
    errands: Errands = field(default_factory=Errands)
    controls: Controls = field(default_factory=Controls)
    recorder: Recorder | None = None
    transfers: TransferSettings = field(default_factory=TransferSettings)
    partials: Partials = field(default_factory=Partials)
    contacts: Callable[[str], Awaitable[Contact]] | None = None
