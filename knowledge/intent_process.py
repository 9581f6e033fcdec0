"""Training in a process of its own: a large flowbook takes a minute of CPU, and calls that run meanwhile need theirs.

`python -m knowledge.intent_process FOLDER` reads phrasings and lines outside as JSON from its input, trains, and keeps
the model in the folder, where whoever waits for it finds it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from knowledge.embedding import Embedder, EmbedderChoice, choose_embedder, chosen_embedder, shared_embedder
from knowledge.intents import IntentModel, Phrasings

LARGE = 600
"""Phrasings from which on a process is worth its start of three seconds."""
LONGEST_S = 900
NICENESS = 10


def trained_apart(
    folder: Path, phrasings: Phrasings, embedder: Embedder | None, outside: Mapping[str, Sequence[str]]
) -> None:
    """Blocks until the model is kept in `folder`. Raises OSError, also when the process fails or takes too long."""
    told = {"phrasings": phrasings, "outside": outside, "embedder": "" if embedder is None else embedder.name}
    told["chosen"] = asdict(chosen_embedder())
    # A folder of the working directory must not shadow a module: the path is this process' own.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    try:
        done = subprocess.run(  # noqa: S603 (our own interpreter and module; what is told goes over its input)
            [sys.executable, "-P", "-m", "knowledge.intent_process", str(folder)],
            input=json.dumps(told, ensure_ascii=False).encode(),
            capture_output=True,
            timeout=LONGEST_S,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OSError(f"training intents took longer than {LONGEST_S} s") from None
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no word of why"]
        raise OSError(f"training intents ended with {done.returncode}: {last[0][:300]}")


def main() -> None:
    from knowledge.intent_store import IntentStore, content_key

    os.nice(NICENESS)
    told = json.load(sys.stdin)
    choose_embedder(EmbedderChoice(**told["chosen"]))
    embedder = shared_embedder() if told["embedder"] else None
    if told["embedder"] != ("" if embedder is None else embedder.name):
        sys.exit(f"the encoder {told['embedder']!r} is not the one that this process loads")
    model = IntentModel.train(told["phrasings"], embedder, told["outside"])
    IntentStore(Path(sys.argv[1])).keep(content_key(told["phrasings"], embedder, told["outside"]), model)


if __name__ == "__main__":
    main()
