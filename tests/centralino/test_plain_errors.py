"""What goes wrong on a new machine is one line that says what to do, never a traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from centralino.settings import load_settings


def _centralino(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "centralino", *words],
        env={**os.environ, **{f"CENTRALINO_{name.upper()}": value for name, value in environment.items()}},
        capture_output=True,
        text=True,
        timeout=120,
    )


def _one_line(failed: subprocess.CompletedProcess[str]) -> str:
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "Traceback" not in failed.stderr
    lines = [line for line in failed.stderr.splitlines() if line.startswith("centralino:")]
    assert len(lines) == 1, failed.stderr
    return lines[0]


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = _one_line(_centralino("run", "--no-demo", port=str(port), data_dir=str(tmp_path)))
    assert str(port) in said
    assert "CENTRALINO_PORT" in said


def test_a_model_that_is_missing_and_cannot_be_fetched(tmp_path: Path) -> None:
    failed = subprocess.run(
        [sys.executable, "-m", "centralino", "models", "fetch", "whisper-base"],
        env={
            **os.environ,
            "CENTRALINO_CACHE_DIR": str(tmp_path / "cache"),
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PIP_EXTRA_INDEX_URL": "",
            "PIP_FIND_LINKS": "",
            "PIP_CONFIG_FILE": os.devnull,
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "whisper" in _one_line(failed)


def test_an_unknown_model(tmp_path: Path) -> None:
    said = _one_line(_centralino("models", "fetch", "whisper-enormous", cache_dir=str(tmp_path)))
    assert "whisper-base" in said


def test_a_data_folder_that_cannot_be_one(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    said = _one_line(_centralino("run", "--no-demo", data_dir=str(file)))
    assert str(file) in said


def test_no_server_to_call(tmp_path: Path) -> None:
    clip = load_settings().company / "callers" / "it_si.wav"
    server = "http://127.0.0.1:9"
    said = _one_line(_centralino("call", str(clip), "--no-hear", "--server", server, data_dir=str(tmp_path)))
    assert "127.0.0.1:9" in said


def test_no_server_to_reload(tmp_path: Path) -> None:
    said = _one_line(_centralino("lines", "reload", data_dir=str(tmp_path)))
    assert str(tmp_path) in said
    assert "centralino run" in said


def test_a_line_that_is_not_there(tmp_path: Path) -> None:
    said = _one_line(_centralino("lines", "check", "libreira", data_dir=str(tmp_path)))
    assert "libreria" in said


def test_a_clip_that_is_no_sound(tmp_path: Path) -> None:
    clip = tmp_path / "clip.wav"
    clip.write_text("not sound")
    assert "clip.wav" in _one_line(_centralino("call", str(clip), "--no-hear", data_dir=str(tmp_path)))


def test_an_unknown_call(tmp_path: Path) -> None:
    said = _one_line(_centralino("history", "show", "nothing", data_dir=str(tmp_path)))
    assert "history" in said


def test_a_flowbook_with_a_mistake_names_file_and_line(tmp_path: Path) -> None:
    sample = load_settings().company
    (tmp_path / "articles").symlink_to(sample / "articles")
    (tmp_path / "company.toml").write_text((sample / "company.toml").read_text())
    book = (sample / "flowbook.yaml").read_text().replace("- goto: more_help", "- goto: more_hlep", 1)
    (tmp_path / "flowbook.yaml").write_text(book)
    failed = _centralino("check", company=str(tmp_path), data_dir=str(tmp_path))
    assert failed.returncode == 1
    assert "more_hlep" in failed.stderr
    line = next(number for number, text in enumerate(book.splitlines(), start=1) if "more_hlep" in text)
    assert f"flowbook.yaml:{line}" in failed.stderr
