"""A code of the phone beside the password."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest

from console.accounts import Accounts
from console.lockout import FREE_TRIES
from console.second_factor import RECOVERY_CODES, STEP_S
from console.sessions import CodeWanted, SignInRefused

PASSWORD = "la nebbia agli irti colli"


async def with_phone(accounts: Accounts, clock: Any) -> tuple[pyotp.TOTP, list[str], str]:
    """An account 'anna' with a phone: its generator, the codes on paper, and the session it was set up in."""
    link = await accounts.create_account("anna", "Anna", ["operator"])
    session = await accounts.set_password(link.token, PASSWORD)
    assert session is not None
    begun = await accounts.second_factor.begin(link.account.id, "Centralino")
    phone = pyotp.parse_uri(begun.uri)
    assert isinstance(phone, pyotp.TOTP)
    papers = await accounts.second_factor.confirm(link.account.id, phone.at(clock()), session.token)
    clock.pass_by(STEP_S)
    return phone, papers, session.token


async def test_the_password_alone_is_not_enough_and_that_is_no_failure(accounts: Accounts, clock: Any) -> None:
    phone, _, _ = await with_phone(accounts, clock)
    for _ in range(2 * FREE_TRIES):
        with pytest.raises(CodeWanted):
            await accounts.sessions.sign_in("anna", PASSWORD)
    with pytest.raises(SignInRefused):
        await accounts.sessions.sign_in("anna", "a wrong password", phone.at(clock()))
    assert (await accounts.sessions.sign_in("anna", PASSWORD, phone.at(clock()))).account.second_factor


async def test_a_code_works_once_and_around_its_time_only(accounts: Accounts, clock: Any) -> None:
    phone, _, _ = await with_phone(accounts, clock)
    code = phone.at(clock())
    await accounts.sessions.sign_in("anna", PASSWORD, f"{code[:3]} {code[3:]}")
    with pytest.raises(SignInRefused):
        await accounts.sessions.sign_in("anna", PASSWORD, code)
    late = phone.at(clock() + STEP_S)
    clock.pass_by(2 * STEP_S)
    await accounts.sessions.sign_in("anna", PASSWORD, late)
    old = phone.at(clock() + 5 * STEP_S)
    clock.pass_by(8 * STEP_S)
    with pytest.raises(SignInRefused):
        await accounts.sessions.sign_in("anna", PASSWORD, old)


async def test_wrong_codes_lock_the_name(accounts: Accounts, clock: Any) -> None:
    phone, _, _ = await with_phone(accounts, clock)
    right = phone.at(clock())
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(FREE_TRIES):
        with pytest.raises(SignInRefused):
            await accounts.sessions.sign_in("anna", PASSWORD, wrong)
    with pytest.raises(SignInRefused) as refused:
        await accounts.sessions.sign_in("anna", PASSWORD, right)
    assert refused.value.retry_after_s > 0


async def test_each_code_on_paper_stands_for_the_phone_once(accounts: Accounts, clock: Any) -> None:
    _, papers, _ = await with_phone(accounts, clock)
    assert len(set(papers)) == RECOVERY_CODES
    session = await accounts.sessions.sign_in("anna", PASSWORD, papers[0].upper())
    assert await accounts.second_factor.papers_left(session.account.id) == RECOVERY_CODES - 1
    with pytest.raises(SignInRefused):
        await accounts.sessions.sign_in("anna", PASSWORD, papers[0])


async def test_it_is_in_force_only_once_a_code_was_seen_and_other_sessions_end_then(
    accounts: Accounts, clock: Any
) -> None:
    link = await accounts.create_account("anna", "Anna", ["operator"])
    here = await accounts.set_password(link.token, PASSWORD)
    there = await accounts.sessions.sign_in("anna", PASSWORD)
    assert here is not None
    begun = await accounts.second_factor.begin(link.account.id, "Centralino")
    await accounts.sessions.end((await accounts.sessions.sign_in("anna", PASSWORD)).token)  # not yet asked for
    await accounts.second_factor.confirm(link.account.id, pyotp.TOTP(begun.secret).at(clock()), here.token)
    assert await accounts.sessions.find(here.token) is not None
    assert await accounts.sessions.find(there.token) is None


async def test_over_http_from_the_picture_to_the_end(house: Any, clock: Any) -> None:
    _, client = await house.member("anna", "operator")
    begun = (await client.post("/api/me/second-factor/begin")).json()
    assert begun["qr_svg"].startswith("<svg")
    phone = pyotp.TOTP(begun["secret"])
    wrong = await client.post("/api/me/second-factor/confirm", json={"code": "000000x"})
    assert (wrong.status_code, wrong.json()["detail"]["code"]) == (422, "wrong_code")
    done = await client.post("/api/me/second-factor/confirm", json={"code": phone.at(clock())})
    assert len(done.json()["recovery_codes"]) == RECOVERY_CODES
    assert (await client.get("/api/me")).json()["second_factor"] is True
    again = await client.post("/api/me/second-factor/begin")
    assert (again.status_code, again.json()["detail"]["code"]) == (409, "already_on")

    async with house.browser() as other:
        asked = await other.post("/api/sign-in", json={"name": "anna", "password": PASSWORD})
        assert (asked.status_code, asked.json()["detail"]["code"]) == (401, "code_wanted")
        clock.pass_by(STEP_S)
        let_in = await other.post(
            "/api/sign-in", json={"name": "anna", "password": PASSWORD, "code": phone.at(clock())}
        )
        assert let_in.status_code == 200

    clock.pass_by(STEP_S)
    alone = await client.post("/api/me/second-factor/end", json={"password": "not this one", "code": "000000"})
    assert alone.status_code == 403
    ended = await client.post("/api/me/second-factor/end", json={"password": PASSWORD, "code": phone.at(clock())})
    assert ended.status_code == 204
    assert (await client.get("/api/me/second-factor")).json() == {"on": False, "papers_left": 0}
