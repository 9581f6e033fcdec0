"""Processor time and memory of real processes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from centralino.bench import process_usage

pytestmark = pytest.mark.skipif(not process_usage.AVAILABLE, reason="needs /proc")


def test_a_process_that_works_and_one_that_is_gone() -> None:
    work = "import sys, time\nb = bytearray(b'x' * 50_000_000)\nwhile time.process_time() < 0.5: pass\n"
    child = subprocess.Popen(
        [sys.executable, "-c", f"{work}print('done', flush=True)\nsys.stdin.read()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout
    child.stdout.readline()
    assert child.pid in process_usage.descendants(os.getpid())
    used = process_usage.memory(child.pid)
    assert used.cpu_s >= 0.4
    assert 48 <= used.pss_mb <= used.rss_mb
    assert process_usage.machine_cpu_s() > used.cpu_s
    child.communicate(b"")
    assert process_usage.memory(child.pid) == process_usage.Usage(0.0)
    assert process_usage.cpu_s(child.pid) == 0.0


def test_a_total_adds_up() -> None:
    usage = process_usage.total([process_usage.Usage(1.0, 2.0, 3.0), process_usage.Usage(0.5, 1.0, 1.5)])
    assert usage == process_usage.Usage(1.5, 3.0, 4.5)
