from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from console.accounts import LINK_LIFETIME_S, Accounts, AccountsError
from console.lockout import FIRST_LOCK_S, FREE_TRIES, LONGEST_LOCK_S, Failures
from console.passwords import Hasher, PasswordRefused
from console.roles import ROLES
from console.sessions import IDLE_S, LONGEST_S, SignInRefused

PASSWORD = "una frase che ricordo bene"


async def signed_up(accounts: Accounts, name: str = "anna", **more: Any) -> str:
    """Creates an account, sets its password, and returns the session's token."""
    link = await accounts.create_account(
        name, "Anna B.", more.pop("roles", ["operator"]), more.pop("queues", ("ordini",))
    )
    session = await accounts.set_password(link.token, PASSWORD)
    assert session is not None
    return session.token


async def test_a_new_account_cannot_sign_in_before_its_link_was_used(accounts: Accounts) -> None:
    link = await accounts.create_account("Anna", "Anna B.", ["operator"], ["ordini", "ordini", "negozio"])
    assert link.account.name == "anna"
    assert link.account.queues == ("ordini", "negozio")
    assert link.url("https://voce.example/") == f"https://voce.example/welcome?token={link.token}"
    for password in ("", "anna", "password"):
        with pytest.raises(SignInRefused):
            await accounts.sessions.sign_in("anna", password)
    session = await accounts.set_password(link.token, PASSWORD)
    assert session is not None
    assert (await accounts.sessions.sign_in(" ANNA ", PASSWORD)).account.id == session.account.id


async def test_a_link_works_once_even_when_used_twice_at_the_same_time(accounts: Accounts) -> None:
    link = await accounts.create_account("anna", "Anna", ["operator"])
    used = await asyncio.gather(*(accounts.set_password(link.token, f"{PASSWORD} {n}") for n in range(4)))
    assert sum(session is not None for session in used) == 1
    assert await accounts.set_password(link.token, PASSWORD) is None
    assert await accounts.link_account(link.token) is None


async def test_a_link_expires_after_a_day(accounts: Accounts, clock: Any) -> None:
    link = await accounts.create_account("anna", "Anna", ["operator"])
    clock.pass_by(LINK_LIFETIME_S - 1)
    assert await accounts.link_account(link.token) is not None
    clock.pass_by(1)
    assert await accounts.link_account(link.token) is None
    assert await accounts.set_password(link.token, PASSWORD) is None


async def test_a_new_link_ends_the_earlier_one_and_setting_a_password_ends_all_sessions(accounts: Accounts) -> None:
    token = await signed_up(accounts)
    first, second = await accounts.new_link("anna"), await accounts.new_link("anna")
    assert await accounts.link_account(first.token) is None
    assert await accounts.sessions.find(token) is not None
    renewed = await accounts.set_password(second.token, "tutta un'altra frase")
    assert renewed is not None
    assert await accounts.sessions.find(token) is None
    assert await accounts.sessions.find(renewed.token) is not None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("corta", "too_short"),
        ("x" * 201, "too_long"),
        ("aaaaaaaaaaaaaaa", "too_simple"),
        ("annaannaanna", "too_simple"),
    ],
)
async def test_a_weak_password_is_refused_and_the_link_stays_usable(
    accounts: Accounts, password: str, code: str
) -> None:
    link = await accounts.create_account("anna", "Anna", ["operator"])
    with pytest.raises(PasswordRefused) as refused:
        await accounts.set_password(link.token, password)
    assert refused.value.code == code
    assert await accounts.set_password(link.token, PASSWORD) is not None


@pytest.mark.parametrize("name", ["", "a", "anna rossi", "<b>anna</b>", "a" * 41, ".anna"])
async def test_a_bad_name_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountsError, match="account name"):
        await accounts.create_account(name, "Anna", ["operator"])


async def test_a_name_is_taken_once(accounts: Accounts) -> None:
    await accounts.create_account("anna", "Anna", ["operator"])
    with pytest.raises(AccountsError, match="exists already"):
        await accounts.create_account("ANNA", "Altra Anna", ["sysadmin"])
    assert [account.name for account in await accounts.list_accounts()] == ["anna"]
    with pytest.raises(AccountsError, match="no account 'bruno'"):
        await accounts.new_link("bruno")


async def test_sessions_end_when_idle_and_after_the_longest_day(accounts: Accounts, clock: Any) -> None:
    token = await signed_up(accounts)
    for _ in range(4):
        clock.pass_by(IDLE_S - 100)
        if clock() - 1_800_000_000.0 < LONGEST_S:
            assert await accounts.sessions.find(token) is not None
    clock.pass_by(LONGEST_S)
    assert await accounts.sessions.find(token) is None
    other = (await accounts.sessions.sign_in("anna", PASSWORD)).token
    clock.pass_by(IDLE_S + 1)
    assert await accounts.sessions.find(other) is None


async def test_a_session_used_all_the_time_still_ends(accounts: Accounts, clock: Any) -> None:
    token = await signed_up(accounts)
    for _ in range(int(LONGEST_S / 3600)):
        clock.pass_by(3600)
        assert await accounts.sessions.find(token) is not None
    clock.pass_by(1)
    assert await accounts.sessions.find(token) is None


async def test_signing_out_ends_one_session_only(accounts: Accounts) -> None:
    one = await signed_up(accounts)
    two = (await accounts.sessions.sign_in("anna", PASSWORD)).token
    await accounts.sessions.end(one)
    assert await accounts.sessions.find(one) is None
    assert await accounts.sessions.find(two) is not None


async def test_a_disabled_account_is_out_at_once(accounts: Accounts) -> None:
    token = await signed_up(accounts)
    await accounts.set_disabled("anna", True)
    assert await accounts.sessions.find(token) is None
    with pytest.raises(SignInRefused):
        await accounts.sessions.sign_in("anna", PASSWORD)
    with pytest.raises(AccountsError, match="disabled"):
        await accounts.new_link("anna")
    await accounts.set_disabled("anna", False)
    assert (await accounts.sessions.sign_in("anna", PASSWORD)).account.name == "anna"


@pytest.mark.parametrize("name", ["anna", "nobody"])
async def test_wrong_passwords_lock_a_name_whether_it_exists_or_not(accounts: Accounts, clock: Any, name: str) -> None:
    await signed_up(accounts)
    waits = []
    for n in range(FREE_TRIES):
        with pytest.raises(SignInRefused) as refused:
            await accounts.sessions.sign_in(name, f"wrong {n}")
        waits.append(refused.value.retry_after_s)
    assert waits == [0.0] * (FREE_TRIES - 1) + [FIRST_LOCK_S]
    with pytest.raises(SignInRefused) as refused:
        await accounts.sessions.sign_in(name, PASSWORD)
    assert refused.value.retry_after_s == FIRST_LOCK_S
    clock.pass_by(FIRST_LOCK_S)
    if name == "anna":
        assert (await accounts.sessions.sign_in(name, PASSWORD)).account.name == "anna"


async def test_guesses_made_at_the_same_time_count_one_by_one(accounts: Accounts) -> None:
    await signed_up(accounts)
    guesses = [accounts.sessions.sign_in("anna", f"guess {n}") for n in range(FREE_TRIES + 5)]
    results = await asyncio.gather(*guesses, return_exceptions=True)
    assert all(isinstance(result, SignInRefused) for result in results)
    with pytest.raises(SignInRefused) as refused:
        await accounts.sessions.sign_in("anna", PASSWORD)
    assert refused.value.retry_after_s > 0


def test_each_further_failure_doubles_the_lock_up_to_an_hour() -> None:
    failures, locks = Failures(), []
    for _ in range(FREE_TRIES + 8):
        failures = failures.one_more(1000.0)
        locks.append(failures.wait_s(1000.0))
    assert locks[: FREE_TRIES - 1] == [0.0] * (FREE_TRIES - 1)
    assert locks[FREE_TRIES - 1 :][:4] == [60.0, 120.0, 240.0, 480.0]
    assert locks[-1] == LONGEST_LOCK_S
    assert Failures(100_000).one_more(0.0).wait_s(0.0) == LONGEST_LOCK_S


async def test_the_file_holds_no_password_and_no_token_and_is_its_owners_only(
    accounts: Accounts, tmp_path: Path
) -> None:
    token = await signed_up(accounts)
    link = await accounts.new_link("anna")
    path = tmp_path / "accounts.db"
    assert path.stat().st_mode & 0o077 == 0
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("accounts.db*"))
    for secret in (PASSWORD, token, link.token):
        assert secret.encode() not in stored
    assert b"$argon2id$" in stored


async def test_accounts_survive_a_restart(tmp_path: Path) -> None:
    first = await Accounts.open(tmp_path / "a.db")
    token = await signed_up(first, roles=["operator", "sysadmin"])
    await first.close()
    second = await Accounts.open(tmp_path / "a.db")
    session = await second.sessions.find(token)
    await second.close()
    assert session is not None
    assert session.account.roles == ("operator", "sysadmin")


async def test_a_file_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(AccountsError, match="newer"):
        await Accounts.open(path)


async def test_accounts_of_an_earlier_version_keep_what_they_could_do(tmp_path: Path) -> None:
    path = tmp_path / "accounts.db"
    with sqlite3.connect(path) as earlier:
        earlier.executescript("""
            CREATE TABLE account (
                id VARCHAR PRIMARY KEY, name VARCHAR UNIQUE NOT NULL, display_name VARCHAR NOT NULL,
                role VARCHAR NOT NULL, queues JSON NOT NULL, password_hash VARCHAR, disabled BOOLEAN NOT NULL,
                created_at_s FLOAT NOT NULL);
            INSERT INTO account VALUES ('acc_1', 'ada', 'Ada', 'admin', '[]', NULL, 0, 1.0);
            INSERT INTO account VALUES ('acc_2', 'anna', 'Anna', 'operator', '["ordini"]', NULL, 0, 1.0);
            PRAGMA user_version = 2;
        """)
    accounts = await Accounts.open(path, hasher=Hasher(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)))
    try:
        assert [(one.name, one.roles) for one in await accounts.list_accounts()] == [
            ("ada", ROLES),
            ("anna", ("operator",)),
        ]
        assert (await accounts.set_roles("anna", ["operator"], skills=["tedesco", "tedesco"])).skills == ("tedesco",)
        assert (await accounts.set_roles("anna", ["operator"])).skills == ("tedesco",), "left as they are"
    finally:
        await accounts.close()


async def test_roles_change_at_once_also_in_a_session_that_runs(accounts: Accounts) -> None:
    token = await signed_up(accounts)
    await accounts.set_roles("anna", ["supervisor", "flow-admin"])
    session = await accounts.sessions.find(token)
    assert session is not None
    assert session.account.roles == ("supervisor", "flow-admin")
    for roles in ([], ["boss"]):
        with pytest.raises(AccountsError, match="role"):
            await accounts.set_roles("anna", roles)
