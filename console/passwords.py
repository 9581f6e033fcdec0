"""Which passwords are accepted, and how they are kept: argon2id, computed in a thread."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200
"""NIST SP 800-63B-4 §3.1.1: length decides, no rules on kinds of characters, 64 and more must be possible."""


class PasswordRefused(ValueError):
    """The password is not acceptable. code: 'too_short' | 'too_long' | 'too_simple', for the page to translate."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def check_password(password: str, *, name: str) -> None:
    """Raises PasswordRefused when `password` cannot be the password of account `name`."""
    if len(password) < SHORTEST:
        raise PasswordRefused("too_short", f"the password has {len(password)} characters; use at least {SHORTEST}")
    if len(password) > LONGEST:
        raise PasswordRefused("too_long", f"the password has {len(password)} characters; use at most {LONGEST}")
    rest = password.casefold().replace(name.casefold(), "")
    if len(set(rest)) < 5:
        raise PasswordRefused("too_simple", "the password repeats a few characters or the account's name; vary it")


class Hasher:
    """argon2id hashes with the RFC 9106 low-memory profile (64 MiB, 3 passes): about 0.1 s of one core.

    At most `at_once` hashes are computed together, so that a flood of sign-ins costs at most at_once × 64 MiB and
    leaves a core to the calls.
    """

    def __init__(self, hasher: PasswordHasher | None = None, *, at_once: int = 1) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(at_once)
        # Verified for unknown names, so that they take as long as known ones.
        self._decoy = self._hasher.hash("nobody's password")

    async def hash(self, password: str) -> str:
        """The encoded argon2id hash of `password`."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, encoded: str | None, password: str) -> bool:
        """Whether `password` made `encoded`. None (no account, no password yet) is False after the same work."""
        async with self._turn:
            fits = await asyncio.to_thread(self._verify, encoded or self._decoy, password)
        return fits and encoded is not None

    def outdated(self, encoded: str) -> bool:
        """Whether `encoded` was made with other parameters than today's and should be made anew."""
        return self._hasher.check_needs_rehash(encoded)

    def _verify(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False
