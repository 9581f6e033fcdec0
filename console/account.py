"""Who may sign in: one account, as everything outside the accounts' file sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from console.account_tables import AccountRow

Role = Literal["operator", "admin"]


@dataclass(frozen=True)
class Account:
    """A person. id: stable, for the history. name: what they sign in with. queues: those an operator answers."""

    id: str
    name: str
    display_name: str
    role: Role
    queues: tuple[str, ...]
    has_password: bool
    disabled: bool


def account_of(row: AccountRow) -> Account:
    """The account of a row, detached from its database session."""
    return Account(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        role=cast(Role, row.role),
        queues=tuple(row.queues),
        has_password=row.password_hash is not None,
        disabled=row.disabled,
    )
