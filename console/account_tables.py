"""The tables of the accounts' own SQLite file. Tokens are stored hashed: a stolen copy of the file opens no session."""

from __future__ import annotations

import hashlib

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA_VERSION = 4
"""Kept in SQLite's `user_version`; a file with a higher number was written by a newer Centralino."""


class Tables(DeclarativeBase):
    pass


class AccountRow(Tables):
    __tablename__ = "account"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(JSON)
    queues: Mapped[list[str]] = mapped_column(JSON)
    password_hash: Mapped[str | None]
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at_s: Mapped[float]
    totp_secret: Mapped[str | None] = mapped_column(default=None)
    totp_last_step: Mapped[int] = mapped_column(default=0)
    oidc_subject: Mapped[str | None] = mapped_column(default=None)
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)


class SessionRow(Tables):
    __tablename__ = "session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    started_at_s: Mapped[float]
    seen_at_s: Mapped[float]


class RecoveryCodeRow(Tables):
    """A code on paper that stands for the phone once; using it deletes it."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)


class LinkRow(Tables):
    """A one-time sign-in link that waits to be used; using it deletes it."""

    __tablename__ = "one_time_link"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    expires_at_s: Mapped[float]


class FailuresRow(Tables):
    """Wrong passwords by the name that was typed, whether such an account exists or not: a lock reveals nothing."""

    __tablename__ = "sign_in_failures"

    name: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    locked_until_s: Mapped[float]
    last_at_s: Mapped[float]


class ApiTokenRow(Tables):
    """A token with which a program reads calls."""

    __tablename__ = "api_token"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at_s: Mapped[float]
    expires_at_s: Mapped[float | None]


class EventSourceRow(Tables):
    """A system that writes events into the history, and its key."""

    __tablename__ = "event_source"

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    verifies: Mapped[bool]
    created_at_s: Mapped[float]


def hashed(token: str) -> str:
    """How a token is stored. It carries 256 random bits: a slow hash would protect no better and slow every request."""
    return hashlib.sha256(token.encode()).hexdigest()
