"""A caller of our own, and a scripted operator: they use a running server over its real protocols, in real time."""

from centralino.calling.door import CallRefused, Happening, Observer
from centralino.calling.operator import run_operator
from centralino.calling.operator_session import Credentials
from centralino.calling.place import DEFAULT_CALLER, place_call
from centralino.calling.printing import printer
from centralino.calling.result import CallResult, OperatorResult
from centralino.calling.script import (
    ExpectHangUp,
    ExpectSpeech,
    HangUp,
    Interrupt,
    Keys,
    Move,
    Say,
    Script,
    Silence,
    WaitFor,
    WaitForQuiet,
)
from centralino.calling.sound import BadClip, Clip, clip_of, load_clip

__all__ = [
    "DEFAULT_CALLER", "BadClip", "CallRefused", "CallResult", "Clip", "Credentials", "ExpectHangUp", "ExpectSpeech",
    "HangUp", "Happening", "Interrupt", "Keys", "Move", "Observer", "OperatorResult", "Say", "Script", "Silence",
    "WaitFor", "WaitForQuiet", "clip_of", "load_clip", "place_call", "printer", "run_operator",
]  # fmt: skip
