"""A neural voice on ONNX Runtime, in a child process beside the recognizers."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import onnxruntime

_NICE = 5


def be_polite() -> None:
    """Rendering must not take the cores from the calls."""
    with contextlib.suppress(OSError):
        os.nice(_NICE)


def open_session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    """On `threads` cores of the CPU. Idle threads sleep: spinning ones would take the cores from the recognizers."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
