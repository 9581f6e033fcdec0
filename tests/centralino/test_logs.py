"""Nothing that a caller said is in a log, and logging never breaks what it tells of."""

from __future__ import annotations

import subprocess
import sys

import pytest

FAILS = """
import structlog
from centralino.logs import set_up_logs
set_up_logs({form!r}, "info")
def takes(digits):
    raise ValueError("not a number")
try:
    takes("4" + "1" * 15)
except ValueError:
    structlog.get_logger().exception("call.internal_error")
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_does_not_show_the_values_of_variables(form: str) -> None:
    ran = subprocess.run([sys.executable, "-c", FAILS.format(form=form)], capture_output=True, text=True, check=True)
    assert "not a number" in ran.stderr
    assert "takes" in ran.stderr
    assert "4111" not in ran.stderr


REDIRECTED = """
import io, sys
import structlog
from centralino.logs import set_up_logs
real, sys.stderr = sys.stderr, io.StringIO()
set_up_logs("text", "info")
sys.stderr.close()
sys.stderr = real
structlog.get_logger().info("still.heard")
"""


def test_logs_outlive_a_standard_error_that_was_redirected_for_a_while() -> None:
    ran = subprocess.run([sys.executable, "-c", REDIRECTED], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "still.heard" in ran.stderr
