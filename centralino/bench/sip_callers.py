"""Callers by SIPp: they ring, press keys, and hang up or wait until they are hung up on."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

SCENARIO = Path(__file__).with_name("sip_call.xml")
RECORDED_KEYS = Path("/usr/share/sip-tester")
"""Where Debian's package has recordings of keys by RFC 4733; SIPp plays them as root only."""
CALLS_A_SECOND = 10

_KEY_IN_SOUND = '<nop><action><exec play_pcap_audio="{file}"/></action></nop><pause milliseconds="350"/>'
_IN_DIALOG = """<send retrans="500"><![CDATA[

    {method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:+39055[call_number]@[local_ip]:[local_port]>;tag=[pid]a[call_number]
    To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
    Call-ID: [call_id]
    CSeq: {number} {method}
    Max-Forwards: 70
    {headers}

    {body}]]></send><recv response="200"/>"""
_ANSWER_BYE = """<recv request="BYE" timeout="20000"/><send><![CDATA[

    SIP/2.0 200 OK
    [last_Via:]
    [last_From:]
    [last_To:]
    [last_Call-ID:]
    [last_CSeq:]
    Content-Length: 0

  ]]></send>"""


class SippMissing(RuntimeError):
    """SIPp is not installed."""


@dataclass(frozen=True)
class Callers:
    """Some at once. keys: each once, in ascending order, as in the recordings. hang_up: they do, after the last key."""

    calls: int
    keys: str
    hang_up: bool

    def scenario(self, in_sound: bool) -> str:
        """in_sound: keys by RFC 4733, else by SIP INFO."""
        pressed = [self._key(key, number, in_sound) for number, key in enumerate(self.keys, start=2)]
        bye = _IN_DIALOG.format(method="BYE", number=len(self.keys) + 2, headers="Content-Length: 0", body="")
        text = SCENARIO.read_text(encoding="utf-8").replace("@KEYS@", "\n".join(pressed))
        return text.replace("@END@", bye if self.hang_up else _ANSWER_BYE)

    @staticmethod
    def _key(key: str, number: int, in_sound: bool) -> str:
        if in_sound:
            return _KEY_IN_SOUND.format(file=RECORDED_KEYS / f"dtmf_2833_{key}.pcap")
        headers = "Content-Type: application/dtmf-relay\n    Content-Length: [len]"
        return _IN_DIALOG.format(method="INFO", number=number, headers=headers, body=f"Signal={key}")


def keys_in_sound() -> bool:
    """Whether SIPp can play recordings here."""
    return os.geteuid() == 0 and (RECORDED_KEYS / "dtmf_2833_1.pcap").exists()


async def call(callers: Callers, line: str, port: int, folder: Path, seconds: float) -> str:
    """Place their calls to a port on loopback, all at once; '' when every one went as its scenario says, else what
    SIPp complained of. Raises SippMissing."""
    sipp = shutil.which("sipp")
    if sipp is None:
        raise SippMissing("sipp is not installed: apt-get install sip-tester")
    scenario = await asyncio.to_thread(_written, folder, callers.scenario(keys_in_sound()))
    process = await asyncio.create_subprocess_exec(
        sipp, "-sf", str(scenario), "-s", line, "-i", "127.0.0.1", "-m", str(callers.calls), "-l", str(callers.calls),
        "-r", str(CALLS_A_SECOND), "-nostdin", "-trace_err", "-timeout", f"{seconds:.0f}s", "-timeout_error",
        f"127.0.0.1:{port}", cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, complaints = await process.communicate()
    if process.returncode == 0:
        return ""
    told = await asyncio.to_thread(_errors, folder)
    return f"exit code {process.returncode}: {complaints.decode(errors='replace')[-300:]} {told}"


def _written(folder: Path, scenario: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "scenario.xml"
    path.write_text(scenario, encoding="utf-8")
    return path


def _errors(folder: Path) -> str:
    return " ".join(path.read_text(errors="replace")[-600:] for path in folder.glob("*_errors.log"))
