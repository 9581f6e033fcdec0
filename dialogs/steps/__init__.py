"""The kinds of steps a flow is made of, one file each. Importing this package registers them all."""

from dialogs.steps.answer import AnswerStep
from dialogs.steps.branch import IfStep
from dialogs.steps.callback import CallbackStep
from dialogs.steps.end import EndStep
from dialogs.steps.fill import FillStep
from dialogs.steps.goto import GotoStep
from dialogs.steps.handoff import HandoffStep
from dialogs.steps.listen import ListenStep
from dialogs.steps.record import RecordStep
from dialogs.steps.say import SayStep
from dialogs.steps.set import SetStep
from dialogs.steps.step import AnyStep, Step, registered

__all__ = [
    "AnswerStep",
    "AnyStep",
    "CallbackStep",
    "EndStep",
    "FillStep",
    "GotoStep",
    "HandoffStep",
    "IfStep",
    "ListenStep",
    "RecordStep",
    "SayStep",
    "SetStep",
    "Step",
    "registered",
]
