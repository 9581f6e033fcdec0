"""Operators' and admins' accounts, their sessions and one-time links, in one SQLite file of their own.

The file is separate from the history, so that a backup or an export of calls never carries password hashes.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

from sqlalchemy import delete, event, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from console.account import Account, account_of
from console.account_migrations import bring_up_to_date
from console.account_tables import SCHEMA_VERSION, AccountRow, FailuresRow, LinkRow, SessionRow, Tables, hashed
from console.api_tokens import ApiTokens
from console.event_sources import EventSources
from console.oidc import Person
from console.passwords import Hasher, check_password
from console.roles import Role, as_roles
from console.second_factor import SecondFactor
from console.sessions import Session, Sessions

LINK_LIFETIME_S = 24 * 3600.0
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


class AccountsError(Exception):
    """Something about accounts that the message tells how to put right."""


@dataclass(frozen=True)
class OneTimeLink:
    """A link whose page sets the account's password, once. expires_at_s: epoch seconds."""

    account: Account
    token: str
    expires_at_s: float

    def url(self, origin: str) -> str:
        """The whole address, e.g. url('http://127.0.0.1:8080')."""
        return f"{origin.rstrip('/')}/welcome?token={self.token}"


class Accounts:
    """Accounts over one SQLite file; all methods may be called concurrently from one event loop.

    Made with `await Accounts.open(path)`, ended with `await close()`. now: epoch seconds.
    """

    def __init__(self, engine: AsyncEngine, hasher: Hasher, now: Callable[[], float]) -> None:
        self._engine = engine
        self._hasher = hasher
        self._now = now
        self._database = async_sessionmaker(engine, expire_on_commit=False)
        self.sessions = Sessions(self._database, hasher, now)
        self.second_factor = SecondFactor(self._database, now)
        self.api_tokens = ApiTokens(self._database, now)
        self.event_sources = EventSources(self._database, now)

    @classmethod
    async def open(cls, path: Path, *, now: Callable[[], float] = time.time, hasher: Hasher | None = None) -> Self:
        """Opens or creates the file, readable by its owner only. AccountsError when a newer version wrote it."""
        if hasher is None:
            hasher = await asyncio.to_thread(Hasher)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        # One connection: writes queue up here instead of failing with "database is locked". The rollback journal (no
        # WAL) lets a second process, such as the command line, write safely on every SQLite version.
        engine = create_async_engine(
            f"sqlite+aiosqlite:///{path}", pool_size=1, max_overflow=0, connect_args={"timeout": 10}
        )
        event.listen(engine.sync_engine, "connect", _prepare_connection)
        try:
            async with engine.begin() as connection:
                version = cast(int, (await connection.execute(text("PRAGMA user_version"))).scalar_one())
                if version > SCHEMA_VERSION:
                    raise AccountsError(
                        f"{path} was written by a newer Centralino (version {version}); update this one"
                    )
                await bring_up_to_date(connection, version)
                await connection.run_sync(Tables.metadata.create_all)
                await connection.execute(text(f"PRAGMA user_version = {SCHEMA_VERSION}"))
        except BaseException:
            await engine.dispose()
            raise
        return cls(engine, hasher, now)

    async def close(self) -> None:
        await self._engine.dispose()

    # ------------------------------------------------------------------------------------------------ accounts

    async def create_account(
        self,
        name: str,
        display_name: str,
        roles: Iterable[str],
        queues: Sequence[str] = (),
        skills: Sequence[str] = (),
    ) -> OneTimeLink:
        """A new account without a password, and the link that sets one. AccountsError when the name is bad or taken."""
        name = name.strip().lower()
        if not _NAME.fullmatch(name):
            raise AccountsError(f"account name {name!r}: use 2 to 40 of a-z 0-9 . _ - starting with a letter or digit")
        held = _roles(name, roles)
        row = AccountRow(
            id=f"acc_{secrets.token_hex(8)}",
            name=name,
            display_name=" ".join(display_name.split())[:80] or name,
            roles=list(held),
            queues=list(dict.fromkeys(queues)),
            skills=list(dict.fromkeys(skills)),
            password_hash=None,
            disabled=False,
            created_at_s=self._now(),
        )
        async with self._database.begin() as db:
            if await _row(db, name) is not None:
                raise AccountsError(f"account {name!r} exists already; choose another name or make a new link for it")
            db.add(row)
            await db.flush()  # the link refers to it
            return await self._link(db, row)

    async def new_link(self, name: str) -> OneTimeLink:
        """A fresh link for who lost their password; earlier links stop working. AccountsError when unknown."""
        async with self._database.begin() as db:
            row = await _known(db, name)
            if row.disabled:
                raise AccountsError(f"account {row.name!r} is disabled; enable it first")
            return await self._link(db, row)

    async def list_accounts(self) -> tuple[Account, ...]:
        """All accounts by name."""
        async with self._database.begin() as db:
            return tuple(account_of(row) for row in await db.scalars(select(AccountRow).order_by(AccountRow.name)))

    async def find(self, name: str) -> Account | None:
        async with self._database.begin() as db:
            row = await _row(db, name)
            return None if row is None else account_of(row)

    async def known(self, name: str) -> Account:
        """AccountsError when there is none of this name."""
        async with self._database.begin() as db:
            return account_of(await _known(db, name))

    async def set_roles(
        self,
        name: str,
        roles: Iterable[str],
        queues: Sequence[str] | None = None,
        skills: Sequence[str] | None = None,
    ) -> Account:
        """From now on the account holds these roles, also in sessions that run. queues, skills: None leaves them as
        they are.

        AccountsError when unknown."""
        held = _roles(name, roles)
        async with self._database.begin() as db:
            row = await _known(db, name)
            row.roles = list(held)
            row.queues = row.queues if queues is None else list(dict.fromkeys(queues))
            row.skills = row.skills if skills is None else list(dict.fromkeys(skills))
            return account_of(row)

    async def set_disabled(self, name: str, disabled: bool) -> Account:
        """Disables (ends every session and link) or enables again. AccountsError when unknown."""
        async with self._database.begin() as db:
            row = await _known(db, name)
            row.disabled = disabled
            if disabled:
                await db.execute(delete(SessionRow).where(SessionRow.account_id == row.id))
                await db.execute(delete(LinkRow).where(LinkRow.account_id == row.id))
            return account_of(row)

    async def signed_in_elsewhere(self, person: Person) -> Session:
        """A session for who another provider vouches for, with the roles it says; an account is made the first time.

        An account of that name that never had a password becomes theirs; one that has, stays its owner's:
        AccountsError, and when it is disabled.
        """
        async with self._database.begin() as db:
            row = await db.scalar(select(AccountRow).where(AccountRow.oidc_subject == person.subject))
            if row is None and (row := await _row(db, person.name)) is not None:
                if row.password_hash is not None or row.oidc_subject is not None:
                    raise AccountsError(f"the account {person.name!r} belongs to somebody else; rename one of the two")
                await db.execute(delete(LinkRow).where(LinkRow.account_id == row.id))
            if row is None:
                row = AccountRow(
                    id=f"acc_{secrets.token_hex(8)}", name=person.name, display_name=person.name, roles=[], queues=[],
                    skills=[], password_hash=None, disabled=False, created_at_s=self._now(),
                )  # fmt: skip
                db.add(row)
            if row.disabled:
                raise AccountsError(f"the account {row.name!r} is disabled")
            row.oidc_subject, row.roles = person.subject, list(person.roles)
            row.display_name = " ".join(person.display_name.split())[:80] or row.name
            await db.flush()
            return await self.sessions.start(db, row)

    # ---------------------------------------------------------------------------------------------- one-time links

    async def link_account(self, token: str) -> Account | None:
        """Whose link it is, without using it; None when unknown, used or expired."""
        async with self._database.begin() as db:
            row = await self._linked(db, token)
            return None if row is None else account_of(row)

    async def set_password(self, token: str, password: str) -> Session | None:
        """Uses the link: sets the password, ends the account's other sessions, signs in. None when the link is no good.

        Raises PasswordRefused, which leaves the link usable.
        """
        account = await self.link_account(token)
        if account is None:
            return None
        check_password(password, name=account.name)
        encoded = await self._hasher.hash(password)
        async with self._database.begin() as db:
            row = await self._linked(db, token)  # again: it may have been used while the password was hashed
            if row is None:
                return None
            row.password_hash = encoded
            await db.execute(delete(LinkRow).where(LinkRow.account_id == row.id))
            await db.execute(delete(SessionRow).where(SessionRow.account_id == row.id))
            await db.execute(delete(FailuresRow).where(FailuresRow.name == row.name))
            return await self.sessions.start(db, row)

    # ------------------------------------------------------------------------------------------------------- inside

    async def _link(self, db: AsyncSession, row: AccountRow) -> OneTimeLink:
        await db.execute(delete(LinkRow).where(LinkRow.account_id == row.id))
        token = secrets.token_urlsafe(32)
        expires_at_s = self._now() + LINK_LIFETIME_S
        db.add(LinkRow(token_hash=hashed(token), account_id=row.id, expires_at_s=expires_at_s))
        return OneTimeLink(account_of(row), token, expires_at_s)

    async def _linked(self, db: AsyncSession, token: str) -> AccountRow | None:
        link = await db.get(LinkRow, hashed(token))
        if link is None or link.expires_at_s <= self._now():
            return None
        return await db.get_one(AccountRow, link.account_id)


def _prepare_connection(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _roles(name: str, roles: Iterable[str]) -> tuple[Role, ...]:
    try:
        return as_roles(roles)
    except ValueError as error:
        raise AccountsError(f"account {name!r}: {error}") from None


async def _row(db: AsyncSession, name: str) -> AccountRow | None:
    return await db.scalar(select(AccountRow).where(AccountRow.name == name.strip().lower()))


async def _known(db: AsyncSession, name: str) -> AccountRow:
    row = await _row(db, name)
    if row is None:
        raise AccountsError(f"there is no account {name!r}")
    return row
