"""What to say next: flowbooks, the pure engine, understanding.

The face: `load_flowbook`, `start` and `step`, `Understanding`, `replay`; events and actions are in `dialogs.events`.
"""

from dialogs.engine import start, step
from dialogs.flowbook import Flowbook
from dialogs.loading import load_flowbook, read_flowbook
from dialogs.problems import FlowbookErrors, Located
from dialogs.replay import Replayed, replay, turns
from dialogs.state import State

__all__ = [
    "Flowbook",
    "FlowbookErrors",
    "Located",
    "Replayed",
    "State",
    "load_flowbook",
    "read_flowbook",
    "replay",
    "start",
    "step",
    "turns",
]
