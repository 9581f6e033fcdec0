"""Whether a person may be called at all: opt-outs, consent, the register of objections. Pure.

Automatic calls for advertising, sales and market research need the called person's consent (art. 130, paragraph 1 of
the Italian privacy code, D.Lgs. 196/2003); an entry in the Registro pubblico delle opposizioni (D.P.R. 26/2022) takes
back the consents given before it, and a check against the register counts for 15 days. See docs/outbound.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from telephony.outbound.hours import Purpose

CHECK_LASTS = timedelta(days=15)


@dataclass(frozen=True)
class RegisterCheck:
    """What the register said of a number. listed: its owner objects to advertising."""

    listed: bool
    checked_at: datetime


def refusal(purpose: Purpose, *, opted_out: bool, consent: str, check: RegisterCheck | None, now: datetime) -> str:
    """Why this number must not be called now: a word for reports; '' when it may.

    `opted_out` and `objected` are for good; `no_consent`, `not_checked` and `check_too_old` can be put right.
    """
    if opted_out:
        return "opted_out"
    if purpose == "service":
        return ""
    if not consent.strip():
        return "no_consent"
    if check is None:
        return "not_checked"
    if check.listed:
        return "objected"
    return "check_too_old" if now - check.checked_at > CHECK_LASTS else ""


FOR_GOOD = frozenset({"opted_out", "objected"})
