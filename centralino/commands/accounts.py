"""`centralino accounts`: who may sign in as operator or admin."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from centralino.commands.console import out, said_plainly
from centralino.settings import load_settings
from console.accounts import Accounts, OneTimeLink
from console.roles import ROLES

app = typer.Typer(help="People who sign in: list, add, make a new link.", no_args_is_help=True)

T = TypeVar("T")


def with_accounts(work: Callable[[Accounts], Awaitable[T]]) -> T:
    async def run() -> T:
        accounts = await Accounts.open(load_settings().accounts_path)
        try:
            return await work(accounts)
        finally:
            await accounts.close()

    with said_plainly():
        return asyncio.run(run())


def _show(link: OneTimeLink) -> None:
    out.print(f"{link.account.name}: open this link within 24 hours to choose a password (it works once):")
    out.print(link.url(load_settings().reached_at), soft_wrap=True)


@app.command("list")
def list_accounts() -> None:
    """Everybody who has an account."""
    table = Table("name", "shown as", "roles", "queues", "skills", "has a password", "disabled")
    for account in with_accounts(lambda accounts: accounts.list_accounts()):
        queues = " ".join(account.queues) or "all"
        password, disabled = ("yes" if flag else "no" for flag in (account.has_password, account.disabled))
        table.add_row(
            account.name,
            account.display_name,
            "all" if account.roles == ROLES else " ".join(account.roles),
            queues,
            " ".join(account.skills) or "none",
            password,
            disabled,
        )
    out.print(table)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What they sign in with.")],
    shown_as: Annotated[str, typer.Option(help="Their name as others see it.")] = "",
    role: Annotated[list[str] | None, typer.Option(help=f"{', '.join(ROLES)}; several times for several.")] = None,
    admin: Annotated[bool, typer.Option("--admin", help="All roles.")] = False,
    queue: Annotated[list[str] | None, typer.Option(help="Queues they answer; none: all.")] = None,
    skill: Annotated[list[str] | None, typer.Option(help="What they have of that which calls ask for.")] = None,
) -> None:
    """A new account, and the link with which its owner chooses a password."""
    roles = ROLES if admin else role or ("operator",)
    queues, skills = queue or (), skill or ()
    _show(with_accounts(lambda accounts: accounts.create_account(name, shown_as or name, roles, queues, skills)))


@app.command()
def roles(
    name: str, role: Annotated[list[str], typer.Option(help=f"All that the account is to hold: {', '.join(ROLES)}.")]
) -> None:
    """Change what somebody may do, at once."""
    account = with_accounts(lambda accounts: accounts.set_roles(name, role))
    out.print(f"{account.name}: {' '.join(account.roles)}")


@app.command()
def disable(name: str) -> None:
    """Sign somebody out everywhere and let them in no more."""
    out.print(f"{with_accounts(lambda accounts: accounts.set_disabled(name, True)).name}: disabled")


@app.command()
def enable(name: str) -> None:
    """Let somebody in again."""
    out.print(f"{with_accounts(lambda accounts: accounts.set_disabled(name, False)).name}: enabled")


@app.command()
def without_phone(name: str) -> None:
    """End the second factor of who lost phone and paper; their password alone signs in until they begin again."""

    async def end(accounts: Accounts) -> str:
        account = await accounts.known(name)
        await accounts.second_factor.end(account.id)
        return account.name

    out.print(f"{with_accounts(end)}: signs in with the password alone")


@app.command()
def link(name: str) -> None:
    """A new link for who lost their password."""
    _show(with_accounts(lambda accounts: accounts.new_link(name)))


@app.command()
def token(
    name: Annotated[str, typer.Argument(help="What uses it; an earlier token of this name stops working.")],
    days: Annotated[int | None, typer.Option(min=1, help="How long it works; left out: until it is revoked.")] = None,
) -> None:
    """A token with which a program follows calls (docs/live-transcript.md). It is shown once."""
    out.print(with_accounts(lambda accounts: accounts.api_tokens.create(name, days)), soft_wrap=True, highlight=False)


@app.command()
def tokens() -> None:
    """The programs that have a token."""
    table = Table("name", "made (UTC)", "until (UTC)")
    for one in with_accounts(lambda accounts: accounts.api_tokens.all()):
        made, until = (
            "until revoked" if at_s is None else datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M")
            for at_s in (one.created_at_s, one.expires_at_s)
        )
        table.add_row(one.name, made, until)
    out.print(table)


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="Of the token.")]) -> None:
    """End a token."""
    known = with_accounts(lambda accounts: accounts.api_tokens.revoke(name))
    out.print(f"{name}: revoked" if known else f"there is no token {name!r}; see: centralino accounts tokens")
