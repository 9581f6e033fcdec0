"""jambonz asks what a phone that was rung, or a caller who is transferred, is to be connected to."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from telephony.control.jambonz import JambonzControl
from telephony.doors.jambonz import JambonzCalling, JambonzSettings
from telephony.doors.registry import DoorSettings
from telephony.protocols.jambonz_webhook import signature
from tests.telephony.conftest import Engines, Exchange, served

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET = "wh-0123456789"


async def asked(exchange: Exchange, path: str, signed: bool = True, **said: Any) -> httpx.Response:
    body = json.dumps({"call_sid": "js-1", **said}).encode()
    proof = signature(SECRET if signed else "another", int(time.time()), body)
    headers = {"Jambonz-Signature": proof, "Content-Type": "application/json"}
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(exchange.url + path, content=body, headers=headers)


async def test_legs_and_transfers(engines: Engines, tmp_path: Path) -> None:
    doors = DoorSettings(jambonz=JambonzSettings(webhook_secret=SecretStr(SECRET)))
    async with served(engines, tmp_path, doors) as exchange:
        controls = exchange.reception.controls
        line = exchange.reception.lines.get("it")
        expected = controls.expect_leg("call-77", line, "+39333", "jambonz", lambda *given: None)  # type: ignore[arg-type, return-value]
        path = f"/jambonz/leg/{expected.token}"
        assert (await asked(exchange, path, signed=False)).status_code == 403
        listen, after = (await asked(exchange, path)).json()
        assert (listen["verb"], listen["metadata"]) == ("listen", {"token": expected.token})
        assert "actionHook" not in listen
        assert after == {"verb": "hangup"}
        assert (await asked(exchange, "/jambonz/leg/unknown")).json() == [{"verb": "hangup"}]

        calling = JambonzCalling(account_sid="a", application_sid="b", api_key=SecretStr("k"), api="http://127.0.0.1:9")
        control = JambonzControl(exchange.house, calling)
        controls.add(control)
        control._transfers["once"] = [{"verb": "dial"}]
        assert (await asked(exchange, "/jambonz/verbs/once")).json() == [{"verb": "dial"}]
        assert (await asked(exchange, "/jambonz/verbs/once")).json()[0]["verb"] == "say"  # gone: the caller hears so
        ended = (await asked(exchange, "/jambonz/dialled", dial_call_status="completed")).json()
        assert ended == [{"verb": "hangup"}]
        assert (await asked(exchange, "/jambonz/dialled", dial_call_status="busy")).json()[0]["verb"] == "say"
        controls.expected.forget(expected)
        await control.close()
