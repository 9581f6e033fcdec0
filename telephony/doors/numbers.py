"""Telephone numbers as carriers write them, in the one way that lines are called by."""

from __future__ import annotations


def e164(number: str) -> str:
    """'+390510000001' for '390510000001', as Plivo and Vonage write it; anything else as it is."""
    return f"+{number}" if number.isascii() and number.isdigit() and 7 <= len(number) <= 15 else number
