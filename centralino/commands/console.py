"""How commands speak to people: one console, one way to fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from centralino.bench.sip_callers import SippMissing
from centralino.calling import BadClip, CallRefused
from centralino.settings import SettingsError
from console.accounts import AccountsError
from dialogs.problems import FlowbookErrors
from history import HistoryUnavailable
from history.analyses.next_action import RulesError
from history.ingestion.mail_folder import MailFolderError
from knowledge.articles import ArticlesUnreadable
from knowledge.revision import RevisionError
from telephony.lines import UnknownLine
from telephony.outbound.campaign import CampaignError
from telephony.outbound.contact_list import BadList
from telephony.recording.sealing.master_key import KeysUnavailable
from telephony.sip.settings import SipUnavailable
from voice.fetching import FetchFailed
from voice.listening.workers import RecognizersUnavailable
from voice.models import ModelMissing
from voice.speaking.synthesizer import SynthesisFailed

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

EXPECTED = (
    AccountsError,
    ArticlesUnreadable,
    BadClip,
    BadList,
    CampaignError,
    CallRefused,
    FetchFailed,
    FlowbookErrors,
    HistoryUnavailable,
    KeysUnavailable,
    MailFolderError,
    ModelMissing,
    RecognizersUnavailable,
    RulesError,
    RevisionError,
    SettingsError,
    SippMissing,
    SipUnavailable,
    SynthesisFailed,
    UnknownLine,
)
"""What can go wrong without a defect here; each says what to do."""


@contextmanager
def said_plainly() -> Iterator[None]:
    """Expected errors become their own words on standard error and exit code 1; anything else keeps its traceback."""
    try:
        yield
    except* EXPECTED as errors:
        for error in _leaves(errors):
            err.print(f"[red]centralino:[/red] {error}", soft_wrap=True, markup=True)
        raise typer.Exit(1) from None


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
