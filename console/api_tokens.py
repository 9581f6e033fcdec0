"""Tokens for programs that read calls: made by command, shown once, stored hashed, revoked by name."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from console.account_tables import ApiTokenRow, hashed

PREFIX = "centralino_"
"""So that a token is recognised where it should not be."""


@dataclass(frozen=True)
class ApiToken:
    """expires_at_s: epoch seconds, None: never."""

    name: str
    created_at_s: float
    expires_at_s: float | None


class ApiTokens:
    """Those of `console.accounts.Accounts`, reached as `accounts.api_tokens`. now: epoch seconds."""

    def __init__(self, database: async_sessionmaker[AsyncSession], now: Callable[[], float]) -> None:
        self._database, self._now = database, now

    async def create(self, name: str, days: int | None) -> str:
        """A new token, not to be seen again; one with the same name stops working."""
        token = PREFIX + secrets.token_urlsafe(32)
        expires_at_s = None if days is None else self._now() + days * 86_400
        async with self._database.begin() as db:
            await db.execute(delete(ApiTokenRow).where(ApiTokenRow.name == name))
            db.add(ApiTokenRow(
                token_hash=hashed(token), name=name, created_at_s=self._now(), expires_at_s=expires_at_s
            ))  # fmt: skip
        return token

    async def find(self, token: str) -> ApiToken | None:
        """None when unknown, expired or revoked."""
        if not token.startswith(PREFIX):
            return None
        async with self._database.begin() as db:
            row = await db.get(ApiTokenRow, hashed(token))
            if row is None or (row.expires_at_s is not None and row.expires_at_s <= self._now()):
                return None
            return _token(row)

    async def all(self) -> tuple[ApiToken, ...]:
        """By name."""
        async with self._database.begin() as db:
            return tuple(_token(row) for row in await db.scalars(select(ApiTokenRow).order_by(ApiTokenRow.name)))

    async def revoke(self, name: str) -> bool:
        """Whether there was one."""
        async with self._database.begin() as db:
            found = await db.scalar(select(ApiTokenRow).where(ApiTokenRow.name == name))
            if found is not None:
                await db.delete(found)
            return found is not None


def bearer(headers: Mapping[str, str]) -> str | None:
    """The token of `Authorization: Bearer …`; None when the header is absent or of another kind."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _token(row: ApiTokenRow) -> ApiToken:
    return ApiToken(row.name, row.created_at_s, row.expires_at_s)
