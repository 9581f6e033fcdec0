"""Whether supervisors may listen to operators' calls, what they are told before, and to which calls they may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from telephony.operators.desk import Desk
from telephony.operators.desk_now import OperatorNow
from telephony.overhearing import CannotOverhear, Overhearing

Text = Annotated[str, Field(min_length=1, max_length=2000)]


class Notice(BaseModel):
    """What a supervisor reads before they listen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    it: Text = (
        "Chi lavora è stato informato che le sue chiamate possono essere ascoltate. Si ascolta solo per formazione, "
        "qualità o per aiutare in una chiamata difficile, solo per il tempo che serve, e non per controllare a "
        "distanza chi lavora. Ogni ascolto resta nel registro delle attività, con il nome di chi ha ascoltato."
    )
    en: Text = (
        "Those who work here were informed that their calls may be listened to. Listen for training, for quality or to "
        "help in a difficult call, only for as long as that takes, and not to watch over people. Each time you listen "
        "stays in the audit log with your name."
    )


class MonitoringSettings(BaseModel):
    """`[monitoring]`. workers_informed: without it nobody can listen. allowed_by: what allows it, as supervisors read
    it: an agreement, an authorisation. tells_operator: operators see that, and how, somebody listens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workers_informed: bool = False
    allowed_by: str = Field(default="", max_length=300)
    tells_operator: bool = True
    notice: Notice = Notice()

    @model_validator(mode="after")
    def _says_what_allows_it(self) -> Self:
        if self.workers_informed and not self.allowed_by.strip():
            raise ValueError("allowed_by is missing: write which agreement or authorisation allows it, and of when")
        return self


class OverheardCall(Protocol):
    """A call, as far as it can be listened to."""

    @property
    def overhearing(self) -> Overhearing: ...


class Monitoring:
    """running: the call with an id, while it talks."""

    def __init__(
        self, settings: MonitoringSettings, desk: Desk, running: Callable[[str], OverheardCall | None]
    ) -> None:
        self.settings, self._desk, self._running = settings, desk, running

    def call(self, call_id: str, supervisor_id: str) -> tuple[Overhearing, OperatorNow]:
        """A call that this supervisor may listen to now, and whose it is. Raises CannotOverhear."""
        operator = next((one for one in self._desk.now().operators if one.call_id == call_id), None)
        call = self._running(call_id)
        if operator is None or call is None:
            raise CannotOverhear("no_operator", "no operator talks in this call (any more); see /api/wall for who does")
        if operator.id == supervisor_id:
            raise CannotOverhear("own_call", "this is your own call")
        if operator.by_phone and self.settings.tells_operator:
            raise CannotOverhear("cannot_be_told", "who works by phone cannot be told, and is not listened to")
        call.overhearing.check()
        return call.overhearing, operator

    def tell_operator(self, call_id: str, mode: str, by: str) -> None:
        """mode: '' for no longer. Nothing, where the settings say so."""
        if self.settings.tells_operator:
            self._desk.tell_monitored(call_id, mode, by)
