"""What people may do here. An account holds one role or several; in a small company one person holds them all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast, get_args

Role = Literal["operator", "supervisor", "flow-admin", "privacy-officer", "sysadmin"]
"""operator: takes calls and reads the stories of callers. supervisor: sees all queues, campaigns, figures, recordings.
flow-admin: writes flowbooks and articles, and reads the calls they answered. privacy-officer: exports, deletes, holds,
reads the audit log. sysadmin: accounts, webhooks, settings; sees no caller's data by that role alone."""

ROLES: tuple[Role, ...] = get_args(Role)
"""All of them: what the first administrator holds."""

READERS: tuple[Role, ...] = ("operator", "supervisor", "flow-admin", "privacy-officer")
"""Who may read what callers said."""


def first_page(roles: Iterable[Role]) -> str:
    """Where a sign-in leads who did not want to go anywhere in particular."""
    return "/console/desk" if set(roles) == {"operator"} else "/console"


def as_roles(names: Iterable[str]) -> tuple[Role, ...]:
    """The roles with these names, in the order of ROLES, each once. ValueError when one is unknown or none is there."""
    wanted = set(names)
    if unknown := sorted(wanted - set(ROLES)):
        raise ValueError(f"there is no role {unknown[0]!r}; the roles are {', '.join(ROLES)}")
    if not wanted:
        raise ValueError(f"an account needs a role: {', '.join(ROLES)}")
    return tuple(role for role in ROLES if cast(str, role) in wanted)
