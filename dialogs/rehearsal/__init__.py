"""Calls without callers: a flowbook's own tests, a simulator to talk to, a past call played against a draft.

The face: `run_tests` (which gates publishing), `Simulator`, `compare`. Nothing here waits, opens a connection or reads
a clock.
"""

from dialogs.rehearsal.testing import TestReport, run_tests

__all__ = ["TestReport", "run_tests"]
