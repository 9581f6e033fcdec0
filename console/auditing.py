"""What people at the console looked at, written down before they see it."""

from __future__ import annotations

from typing import Any

from starlette.requests import HTTPConnection

from console.guard import client
from console.rate import address_key
from console.sessions import Session
from history.privacy.audit import Audit
from history.privacy.chain import Act, AuditRow


class Auditing:
    """Writes acts of who is signed in. Raises HistoryUnavailable: then nothing is shown."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    async def write(
        self, session: Session, request: HTTPConnection, action: str, kind: str, subject_id: str, **detail: Any
    ) -> AuditRow:
        """kind: 'interaction', 'contact'… detail: ids and the like, never what somebody said."""
        account = session.account
        act = Act(
            account.id, ",".join(account.roles)[:64], action, kind, subject_id[:128], client(request)[:64], detail
        )
        return await self._audit.write(act)

    async def followed(self, who: str, peer: HTTPConnection, call_id: str) -> None:
        """Somebody, or a program with a token, reads a call while it is spoken."""
        origin = address_key(peer.client.host if peer.client else None)
        await self._audit.write(Act(who[:128], "", "call.followed", "interaction", call_id[:128], origin[:64]))
