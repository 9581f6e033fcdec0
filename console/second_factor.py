"""A second proof at sign-in: a code of the owner's phone (TOTP, RFC 6238), or one of ten codes on paper, each once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from console.account_tables import AccountRow, RecoveryCodeRow, SessionRow, hashed

STEP_S = 30
"""RFC 6238 §5.2, what every app assumes."""
STEPS_ASIDE = 1
"""A clock that is up to this many steps off is accepted (RFC 6238 §5.2 recommends one)."""
RECOVERY_CODES = 10
_BEGUN_FOR_S = 600.0
_MOST_BEGUN = 1000
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are taken for one another


class SecondFactorRefused(ValueError):
    """code: 'not_begun' | 'already_on' | 'wrong_code', for the page to translate."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Enrolment:
    """What an app needs. uri: `otpauth://…`, to be shown as a QR code. secret: to be typed where there is no camera."""

    secret: str
    uri: str


class SecondFactor:
    """Reached as `accounts.second_factor`. now: epoch seconds."""

    def __init__(self, database: async_sessionmaker[AsyncSession], now: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        self._begun: dict[str, tuple[str, float]] = {}

    async def begin(self, account_id: str, issuer: str) -> Enrolment:
        """A new secret, in force once `confirm` has seen a code of it within ten minutes. issuer: shown in the app."""
        async with self._database.begin() as db:
            row = await db.get_one(AccountRow, account_id)
            if row.totp_secret is not None:
                raise SecondFactorRefused("already_on", f"account {row.name!r} has a second factor; end it first")
        secret = pyotp.random_base32()
        self._begun.pop(account_id, None)
        while len(self._begun) >= _MOST_BEGUN:
            del self._begun[next(iter(self._begun))]
        self._begun[account_id] = (secret, self._now() + _BEGUN_FOR_S)
        return Enrolment(secret, pyotp.TOTP(secret, name=row.name, issuer=issuer).provisioning_uri())

    async def confirm(self, account_id: str, code: str, keep_session: str) -> list[str]:
        """From now on the account needs codes; its other sessions end. Returns the codes for paper, shown this once."""
        secret, until_s = self._begun.get(account_id, ("", 0.0))
        if until_s <= self._now():
            raise SecondFactorRefused("not_begun", "begin again: the secret is valid for ten minutes")
        step = _step_of(secret, code, self._now(), after=0)
        if step is None:
            raise SecondFactorRefused("wrong_code", "the code does not fit; check that the phone's clock is right")
        papers = [_paper_code() for _ in range(RECOVERY_CODES)]
        async with self._database.begin() as db:
            row = await db.get_one(AccountRow, account_id)
            row.totp_secret, row.totp_last_step = secret, step
            await db.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))
            db.add_all(RecoveryCodeRow(code_hash=hashed(account_id + code), account_id=account_id) for code in papers)
            others = SessionRow.token_hash != hashed(keep_session)
            await db.execute(delete(SessionRow).where(SessionRow.account_id == account_id, others))
        self._begun.pop(account_id, None)
        return papers

    async def end(self, account_id: str) -> None:
        """The password alone is enough again."""
        async with self._database.begin() as db:
            row = await db.get_one(AccountRow, account_id)
            row.totp_secret = None
            await db.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))

    async def papers_left(self, account_id: str) -> int:
        async with self._database.begin() as db:
            mine = select(func.count()).where(RecoveryCodeRow.account_id == account_id)
            return await db.scalar(mine) or 0


async def fits(db: AsyncSession, row: AccountRow, code: str, now_s: float) -> bool:
    """Whether `code` proves the second factor of `row` now; it never does so twice. Within the transaction of `db`."""
    assert row.totp_secret is not None
    step = _step_of(row.totp_secret, code, now_s, after=row.totp_last_step)
    if step is not None:
        row.totp_last_step = step
        return True
    paper = await db.get(RecoveryCodeRow, hashed(row.id + code.strip().lower()))
    if paper is None:
        return False
    await db.delete(paper)
    return True


def _step_of(secret: str, code: str, now_s: float, *, after: int) -> int | None:
    """The time step behind `after` whose code this is; None when it is none of those around now."""
    totp, step = pyotp.TOTP(secret, interval=STEP_S), int(now_s // STEP_S)
    code = code.replace(" ", "")
    if not (code.isascii() and code.isdecimal()):
        return None
    near = range(step - STEPS_ASIDE, step + STEPS_ASIDE + 1)
    return next((one for one in near if one > after and secrets.compare_digest(totp.at(one * STEP_S), code)), None)


def _paper_code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(12))  # 59 bits
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"
