"""SIP: the port that a PBX, a trunk or a softphone calls without anything in between.

The port itself is in `telephony/sip/`; it needs the extra `sip`.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from telephony.doors.house import House
from telephony.sip.settings import SipSettings, SipUnavailable

if TYPE_CHECKING:
    from telephony.sip.port import SipPort


def port(house: House, settings: SipSettings) -> AbstractAsyncContextManager[SipPort]:
    """Open while its context is. Raises SipUnavailable."""
    missing = [name for name in ("aiosipua", "aiortp", "G722") if find_spec(name) is None]
    if missing:
        raise SipUnavailable(f"[doors.sip] needs {', '.join(missing)}: pip install 'centralino[sip]'")
    from telephony.sip.port import SipPort

    return SipPort(house, settings)
