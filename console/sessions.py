"""Signing in and out: server-side sessions, and the lock after too many wrong passwords."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from console import second_factor
from console.account import Account, account_of
from console.account_tables import AccountRow, FailuresRow, SessionRow, hashed
from console.lockout import LONGEST_LOCK_S, Failures
from console.passwords import Hasher

LONGEST_S = 16 * 3600.0
"""A session ends after the longest working day, used or not."""
IDLE_S = 4 * 3600.0
_SEEN_EVERY_S = 60.0


class SignInRefused(Exception):
    """Wrong name, password or code, or locked for `retry_after_s` seconds (0: not locked); never which was wrong."""

    def __init__(self, retry_after_s: float = 0.0) -> None:
        super().__init__("locked after too many wrong passwords" if retry_after_s else "wrong name or password")
        self.retry_after_s = retry_after_s


class CodeWanted(Exception):
    """Name and password are right; this account also needs a code of its owner's phone."""


@dataclass(frozen=True)
class Session:
    """A signed-in account. token: the cookie's value. csrf_token: what its pages send in the header X-CSRF-Token."""

    account: Account
    token: str

    @property
    def csrf_token(self) -> str:
        # Derived, not stored: only who holds the session can compute it, and it lives exactly as long.
        return hmac.new(self.token.encode(), b"csrf", hashlib.sha256).hexdigest()


class Sessions:
    """The sessions of `console.accounts.Accounts`, reached as `accounts.sessions`. now: epoch seconds."""

    def __init__(self, database: async_sessionmaker[AsyncSession], hasher: Hasher, now: Callable[[], float]) -> None:
        self._database = database
        self._hasher = hasher
        self._now = now

    async def sign_in(self, name: str, password: str, code: str = "") -> Session:
        """A new session. Raises SignInRefused; enough wrong passwords or codes lock the name (console.lockout).

        Raises CodeWanted where all is right but a code is missing, which counts as no failure.
        """
        name = name.strip().lower()[:64]
        async with self._database.begin() as db:
            wait_s = _failures(await db.get(FailuresRow, name)).wait_s(self._now())
            if wait_s > 0:
                raise SignInRefused(wait_s)
            row = await _row(db, name)
            encoded = None if row is None or row.disabled else row.password_hash
        fits = await self._hasher.matches(encoded, password)
        renewed = await self._hasher.hash(password) if fits and encoded and self._hasher.outdated(encoded) else None
        async with self._database.begin() as db:
            now_s = self._now()
            failures = _failures(await db.get(FailuresRow, name))
            if failures.wait_s(now_s) > 0:  # tries made at the same time count as well
                raise SignInRefused(failures.wait_s(now_s))
            row = await _row(db, name)
            if fits and row is not None and not row.disabled and row.password_hash == encoded:
                if row.totp_secret is not None and not code:
                    raise CodeWanted
                if row.totp_secret is None or await second_factor.fits(db, row, code, now_s):
                    row.password_hash = renewed or row.password_hash
                    await db.execute(delete(FailuresRow).where(FailuresRow.name == name))
                    return await self.start(db, row)
            failures = failures.one_more(now_s)
            await _remember(db, name, failures, now_s)
        raise SignInRefused(failures.wait_s(now_s))

    async def find(self, token: str) -> Session | None:
        """The session of a cookie, None when unknown or over; keeps it from idling out."""
        async with self._database.begin() as db:
            row = await db.get(SessionRow, hashed(token))
            if row is None:
                return None
            now_s = self._now()
            if now_s - row.started_at_s > LONGEST_S or now_s - row.seen_at_s > IDLE_S:
                await db.delete(row)
                return None
            if now_s - row.seen_at_s > _SEEN_EVERY_S:
                row.seen_at_s = now_s
            return Session(account_of(await db.get_one(AccountRow, row.account_id)), token)

    async def end(self, token: str) -> None:
        """Signs out; nothing happens when the session is over already."""
        async with self._database.begin() as db:
            await db.execute(delete(SessionRow).where(SessionRow.token_hash == hashed(token)))

    async def start(self, db: AsyncSession, row: AccountRow) -> Session:
        """A session for `row` within the transaction of `db`, for who proved to be that account."""
        now_s = self._now()
        await db.execute(delete(SessionRow).where(SessionRow.started_at_s < now_s - LONGEST_S))
        token = secrets.token_urlsafe(32)
        db.add(SessionRow(token_hash=hashed(token), account_id=row.id, started_at_s=now_s, seen_at_s=now_s))
        return Session(account_of(row), token)


async def _row(db: AsyncSession, name: str) -> AccountRow | None:
    return await db.scalar(select(AccountRow).where(AccountRow.name == name))


def _failures(row: FailuresRow | None) -> Failures:
    return Failures() if row is None else Failures(row.count, row.locked_until_s)


async def _remember(db: AsyncSession, name: str, failures: Failures, now_s: float) -> None:
    # Names nobody tried for a day are forgotten, or made-up names would fill the file.
    await db.execute(delete(FailuresRow).where(FailuresRow.last_at_s < now_s - max(86_400.0, LONGEST_LOCK_S)))
    values = {"count": failures.count, "locked_until_s": failures.locked_until_s, "last_at_s": now_s}
    upsert = insert(FailuresRow).values(name=name, **values)
    await db.execute(upsert.on_conflict_do_update(index_elements=["name"], set_=values))
