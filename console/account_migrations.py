"""An accounts' file that an earlier version wrote, brought to the tables of this one. New tables need nothing here."""

from __future__ import annotations

import json

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from console.roles import ROLES


async def bring_up_to_date(connection: AsyncConnection, version: int) -> None:
    """version: the file's `user_version`; 0 is a new file. Within the caller's transaction: all of it or nothing."""
    if 0 < version < 3:
        await _several_roles_and_a_second_factor(connection)
    if 0 < version < 4:
        await connection.execute(text("ALTER TABLE account ADD COLUMN skills JSON NOT NULL DEFAULT '[]'"))


async def _several_roles_and_a_second_factor(connection: AsyncConnection) -> None:
    """Until version 2 an account was an operator or an admin, who could do everything."""
    for column in (
        "roles JSON",
        "totp_secret VARCHAR",
        "totp_last_step INTEGER NOT NULL DEFAULT 0",
        "oidc_subject VARCHAR",
    ):
        await connection.execute(text(f"ALTER TABLE account ADD COLUMN {column}"))
    await connection.execute(
        text("UPDATE account SET roles = CASE role WHEN 'admin' THEN :all ELSE :operator END"),
        {"all": json.dumps(ROLES), "operator": json.dumps(["operator"])},
    )
    await connection.execute(text("ALTER TABLE account DROP COLUMN role"))
