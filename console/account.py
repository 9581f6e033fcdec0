"""Who may sign in: one account, as everything outside the accounts' file sees it."""

from __future__ import annotations

from dataclasses import dataclass

from console.account_tables import AccountRow
from console.roles import Role, as_roles


@dataclass(frozen=True)
class Account:
    """A person. id: stable, for the history. name: what they sign in with.

    queues: those an operator answers; none: all. skills: what they have of that which calls may ask for.
    second_factor: signing in asks for a code of their phone as well.
    elsewhere: signs in with another provider, which says at each sign-in what their roles are.
    """

    id: str
    name: str
    display_name: str
    roles: tuple[Role, ...]
    queues: tuple[str, ...]
    has_password: bool
    second_factor: bool
    disabled: bool
    elsewhere: bool = False
    skills: tuple[str, ...] = ()

    def has(self, *roles: Role) -> bool:
        """Holds one of them."""
        return any(role in self.roles for role in roles)


def account_of(row: AccountRow) -> Account:
    """The account of a row, detached from its database session."""
    return Account(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        roles=as_roles(row.roles),
        queues=tuple(row.queues),
        has_password=row.password_hash is not None,
        second_factor=row.totp_secret is not None,
        disabled=row.disabled,
        elsewhere=row.oidc_subject is not None,
        skills=tuple(row.skills),
    )
