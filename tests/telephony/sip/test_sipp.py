"""Fifty calls at once by SIPp: every key and every hang-up is seen."""

from __future__ import annotations

import shutil

import pytest

from centralino.bench import sip
from tests.telephony.conftest import Engines

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(shutil.which("sipp") is None, reason="these calls need sipp: apt-get install sip-tester"),
]


async def test_fifty_calls_at_once(engines: Engines) -> None:
    figures = await sip.run(50, engines.speaker)
    assert figures.complaints == ()
    assert figures.keys == figures.keys_pressed == 25 * 4 + 25 * 2
    assert figures.ends == {"bot_ended": 25, "caller_hung_up": 25}
