"""`centralino history import`, beside a running server and without one."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from console import Accounts, Tickets
from console.app import create_console, protect
from history import Journal, Timeline

CSV = "id,time,email,text\n1,2026-05-04T09:00:00Z,anna@example.org,Ciao\n2,2026-05-04T10:00:00Z,,Grazie\n"


async def ran(data: Path, *arguments: str, port: int = 1, key: str = "") -> tuple[int, str]:
    environment = {
        **os.environ,
        "CENTRALINO_DATA_DIR": str(data),
        "CENTRALINO_PORT": str(port),
        "CENTRALINO_EVENTS_KEY": key,
        "COLUMNS": "200",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "centralino", "history", *arguments,
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await process.communicate()
    return process.returncode or 0, " ".join(told.decode().split())


async def test_files_are_imported_once_through_the_server_or_without_it(tmp_path: Path) -> None:
    file = tmp_path / "counter.csv"
    file.write_text(CSV)
    importing = ("import", str(file), "--form", "csv", "--source", "counter")
    assert await ran(tmp_path, *importing) == (0, "2 stored, 0 duplicate, 0 conflict")

    code, told = await ran(tmp_path, "list", "--channel", "all")
    assert (code, "counter" in told) == (0, True)

    accounts = await Accounts.open(tmp_path / "accounts.db")
    key = await accounts.event_sources.create("counter", verifies=False)
    journal = await Journal.open(tmp_path / "history.db", node="server")
    timeline = Timeline(journal.path)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        app = FastAPI()
        protect(app)
        app.include_router(
            create_console(
                accounts, Tickets(), timeline, journal, public_origins=[f"http://127.0.0.1:{port}"], lines=lambda: ()
            )
        )
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        code, told = await ran(tmp_path, *importing, port=port)
        assert (code, "give the source's key" in told) == (1, True)
        file.write_text(CSV + "3,2026-05-04T11:00:00Z,,Ancora\n")
        assert await ran(tmp_path, *importing, port=port, key=key) == (0, "1 stored, 2 duplicate, 0 conflict")
        file.write_text(CSV.replace("Grazie", "Prego"))
        code, told = await ran(tmp_path, *importing, port=port, key=key)
        assert (code, told.partition(" in conflict:")[0]) == (1, "0 stored, 1 duplicate, 1 conflict")
        server.should_exit = True
        await serving
    rows = await timeline.list_interactions(channel=None)
    texts = {turn.text for row in rows for turn in (await timeline.get(row.id)).transcript}
    assert texts == {"Ciao", "Grazie", "Ancora"}
    await timeline.close()
    await journal.close()
    await accounts.close()


async def test_a_file_that_cannot_be_read_imports_nothing_and_says_where(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    good = {"specversion": "1.0", "id": "1", "source": "a", "type": "t", "time": "2026-05-04T09:00:00Z"}
    file.write_text(json.dumps([good, {**good, "id": ""}]))
    code, told = await ran(tmp_path, "import", str(file))
    assert (code, "event 2: id" in told, "nothing was imported" in told) == (1, True, True)
    assert not (tmp_path / "history.db").exists()
