"""The kinds of steps a flow is made of, one file each. Importing this package registers them all."""

from dialogs.steps.answer import AnswerStep
from dialogs.steps.branch import IfStep
from dialogs.steps.call import CallStep
from dialogs.steps.callback import CallbackStep
from dialogs.steps.end import EndStep
from dialogs.steps.fill import FillStep
from dialogs.steps.goto import GotoStep
from dialogs.steps.handoff import HandoffStep
from dialogs.steps.jump import JumpStep, ReturnStep
from dialogs.steps.language import LanguageStep
from dialogs.steps.listen import ListenStep
from dialogs.steps.menu import MenuStep
from dialogs.steps.message import MessageStep
from dialogs.steps.note import NoteStep
from dialogs.steps.open import OpenStep
from dialogs.steps.record import RecordStep
from dialogs.steps.say import SayStep
from dialogs.steps.set import SetStep
from dialogs.steps.step import AnyStep, Step, registered
from dialogs.steps.survey import SurveyStep
from dialogs.steps.verify import VerifyStep

__all__ = [
    "AnswerStep",
    "AnyStep",
    "CallStep",
    "CallbackStep",
    "EndStep",
    "FillStep",
    "GotoStep",
    "HandoffStep",
    "IfStep",
    "JumpStep",
    "LanguageStep",
    "ListenStep",
    "MenuStep",
    "MessageStep",
    "NoteStep",
    "OpenStep",
    "RecordStep",
    "ReturnStep",
    "SayStep",
    "SetStep",
    "Step",
    "SurveyStep",
    "VerifyStep",
    "registered",
]
