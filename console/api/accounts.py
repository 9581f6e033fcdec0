"""Who may sign in: listed, added, changed and locked out by a sysadmin. Every change is in the audit log."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from console.account import Account
from console.accounts import Accounts, AccountsError, OneTimeLink
from console.api.signing_in import Strict
from console.auditing import Auditing
from console.guard import Guard, refusal
from console.roles import Role
from console.sessions import Session

log = structlog.get_logger()

Name = Annotated[str, Path(min_length=1, max_length=64)]
Roles = Annotated[list[Role], Field(min_length=1, max_length=10)]
Queues = Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=50)]
Skills = Queues
"""Names, too; what flowbooks ask for by `skills`."""


class AccountView(BaseModel):
    """queues: those an operator answers; none: all. skills: what they have of that which calls may ask for. elsewhere:
    signs in with another provider, which says the roles."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    display_name: str
    roles: list[Role]
    queues: list[str]
    skills: list[str]
    has_password: bool
    second_factor: bool
    disabled: bool
    elsewhere: bool


class NewAccount(Strict):
    """name: what they sign in with: 2 to 40 of a-z 0-9 . _ -"""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    display_name: Annotated[str, Field(max_length=80)] = ""
    roles: Roles
    queues: Queues = Field(default_factory=list)
    skills: Skills = Field(default_factory=list)


class Duties(Strict):
    """skills: left out: as they are."""

    roles: Roles
    queues: Queues
    skills: Skills | None = None


class OneTimeLinkView(BaseModel):
    """To be opened by its owner, once, before expires_at: that page sets the password. It is shown this once only."""

    account: AccountView
    path: str
    expires_at: datetime


def accounts_of_people(accounts: Accounts, guard: Guard, auditing: Auditing) -> APIRouter:
    """The routes under `/api/accounts`. What is written down names the account by its id."""
    router = APIRouter(prefix="/api/accounts", tags=["accounts"])
    sysadmin = Annotated[Session, Depends(guard.having("sysadmin"))]

    async def known(name: str) -> Account:
        try:
            return await accounts.known(name)
        except AccountsError as error:
            raise refusal(404, "unknown_account", str(error)) from None

    async def another(name: str, session: Session, wish: str) -> Account:
        """Of `name`, unless it is who asks: nobody can lock themselves out, so one sysadmin always stays."""
        found = await known(name)
        if found.id == session.account.id:
            raise refusal(409, "own_account", f"you cannot {wish} your own account; ask another sysadmin")
        return found

    async def change(
        session: Session, request: Request, action: str, account: Account, work: Callable[[], Awaitable[Account]]
    ) -> AccountView:
        """Written down before it is done: what cannot be written down is not done."""
        await auditing.write(session, request, action, "account", account.id)
        changed = await work()
        log.info(f"console.{action.replace('.', '_')}", account=account.name, by=session.account.name)
        return AccountView.model_validate(changed)

    @router.get("")
    async def everybody(session: sysadmin) -> list[AccountView]:
        """By name."""
        return [AccountView.model_validate(one) for one in await accounts.list_accounts()]

    @router.post("", status_code=201)
    async def add(session: sysadmin, request: Request, wanted: NewAccount) -> OneTimeLinkView:
        try:
            link = await accounts.create_account(
                wanted.name, wanted.display_name, wanted.roles, wanted.queues, wanted.skills
            )
        except AccountsError as error:
            taken = await accounts.find(wanted.name) is not None
            raise refusal(409 if taken else 422, "name_taken" if taken else "bad_name", str(error)) from None
        # Its id exists only now. If this cannot be written down nobody gets the link, without which nobody signs in.
        account = link.account
        detail = {name: ",".join(getattr(account, name)) for name in ("roles", "queues", "skills")}
        await auditing.write(session, request, "account.added", "account", account.id, **detail)
        log.info("console.account_added", account=account.name, by=session.account.name)
        return _view(link)

    @router.post("/{name}/link", status_code=201)
    async def new_link(session: sysadmin, request: Request, name: Name) -> OneTimeLinkView:
        """For who lost their password; earlier links stop working."""
        account = await known(name)
        if account.disabled:
            raise refusal(409, "account_disabled", f"account {account.name!r} is disabled; enable it first")
        await auditing.write(session, request, "account.link_made", "account", account.id)
        link = await accounts.new_link(name)
        log.info("console.account_link_made", account=account.name, by=session.account.name)
        return _view(link)

    @router.put("/{name}/duties")
    async def set_duties(session: sysadmin, request: Request, name: Name, wanted: Duties) -> AccountView:
        """Roles, queues and skills, at once also in sessions that run."""
        account = await known(name)
        if account.id == session.account.id and "sysadmin" not in wanted.roles:
            raise refusal(409, "own_account", "you cannot give up the role sysadmin yourself; ask another sysadmin")
        detail = {
            "from": ",".join(account.roles), "to": ",".join(wanted.roles),
            "queues_from": ",".join(account.queues), "queues_to": ",".join(dict.fromkeys(wanted.queues)),
            "skills_from": ",".join(account.skills),
            "skills_to": ",".join(account.skills if wanted.skills is None else dict.fromkeys(wanted.skills)),
        }  # fmt: skip
        await auditing.write(session, request, "account.duties_set", "account", account.id, **detail)
        changed = await accounts.set_roles(name, wanted.roles, wanted.queues, wanted.skills)
        log.info("console.account_duties_set", account=account.name, by=session.account.name)
        return AccountView.model_validate(changed)

    @router.post("/{name}/disable")
    async def disable(session: sysadmin, request: Request, name: Name) -> AccountView:
        """Ends every session and link of it."""
        account = await another(name, session, "disable")
        return await change(session, request, "account.disabled", account, lambda: accounts.set_disabled(name, True))

    @router.post("/{name}/enable")
    async def enable(session: sysadmin, request: Request, name: Name) -> AccountView:
        account = await known(name)
        return await change(session, request, "account.enabled", account, lambda: accounts.set_disabled(name, False))

    @router.post("/{name}/without-phone")
    async def without_phone(session: sysadmin, request: Request, name: Name) -> AccountView:
        """Ends the second factor of who lost phone and paper."""
        account = await another(name, session, "end the second factor of")

        async def end() -> Account:
            await accounts.second_factor.end(account.id)
            return await accounts.known(name)

        return await change(session, request, "account.without_phone", account, end)

    return router


def _view(link: OneTimeLink) -> OneTimeLinkView:
    expires_at = datetime.fromtimestamp(link.expires_at_s, UTC)
    return OneTimeLinkView(account=AccountView.model_validate(link.account), path=link.url(""), expires_at=expires_at)
