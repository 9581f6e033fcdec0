"""Who may call: those at a known address, and those who know a password. Nobody else gets further. Time comes in.

Nothing is kept for a stranger until they have shown that they may: a challenge holds its own time and proof.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiosipua import AuthChallenge, SipDigestAuth, SipRequest, build_credentials, parse_auth

from telephony.sip.messages import Address

NONCE_S = 60
"""How long a challenge can be answered."""
MOST_TRIES = 10
"""Wrong ones from one address in a minute; after that it is not answered for the rest of it."""
TRIES_S = 60.0
MOST_REMEMBERED = 4000
"""Addresses, and answered challenges."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Admitted:
    """who: the trusted address, or the user who signed."""

    who: str
    trusted_address: bool


@dataclass(frozen=True)
class Challenged:
    """header: of the 401 that asks for a password."""

    header: str


@dataclass(frozen=True)
class Refused:
    """silent: they have been told often enough."""

    why: str
    silent: bool = False


class Access:
    """trusted: networks whose calls are taken as they are; users, realm: names and passwords of all others."""

    def __init__(self, trusted: Iterable[Network], users: Mapping[str, str], realm: str) -> None:
        self._trusted, self._users, self._realm = tuple(trusted), dict(users), realm
        self._registrars: frozenset[str] = frozenset()
        self._key = secrets.token_bytes(32)
        self._used: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._tries: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def trust_registrars(self, ips: Iterable[str]) -> None:
        """Addresses of the PBXs that we are registered with: what they send is taken as it is, too."""
        self._registrars = frozenset(ips)

    def trusts(self, ip: str) -> bool:
        if ip in self._registrars:
            return True
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)

    def check(self, request: SipRequest, source: Address, now_s: float) -> Admitted | Challenged | Refused:
        """Whether the sender of this request, which begins something, may."""
        if self.trusts(source[0]):
            return Admitted(source[0], trusted_address=True)
        tries = self._tries_of(source[0], now_s)
        if tries >= MOST_TRIES:
            return Refused("too many tries", silent=True)
        if not self._users:
            self._note_try(source[0], now_s)
            return Refused("an unknown address")
        given = request.get_header("authorization")
        if not given:
            return self._challenge(now_s, source)
        user, why = self._verified(request, given, source, now_s)
        if user:
            self._tries.pop(source[0], None)
            return Admitted(user, trusted_address=False)
        if why == "stale":
            return self._challenge(now_s, source, stale=True)
        self._note_try(source[0], now_s)
        return Refused(why)

    def _challenge(self, now_s: float, source: Address, stale: bool = False) -> Challenged:
        # MD5 and nothing better: many phones answer no other; it is for a network that one trusts.
        more = ", stale=true" if stale else ""
        nonce = self._nonce(f"{int(now_s):x}", source)
        return Challenged(f'Digest realm="{self._realm}", nonce="{nonce}", algorithm=MD5, qop="auth"{more}')

    def _nonce(self, stamp: str, source: Address) -> str:
        return f"{stamp}-{hmac.digest(self._key, f'{stamp} {source[0]}'.encode(), 'sha256').hex()[:32]}"

    def _verified(self, request: SipRequest, given: str, source: Address, now_s: float) -> tuple[str, str]:
        """(user, '') or ('', what is wrong)."""
        parts = parse_auth(given, credentials=True)
        nonce, name = parts.params.get("nonce", ""), parts.params.get("username", "")
        stamp = nonce.partition("-")[0]
        if not hmac.compare_digest(nonce.encode(), self._nonce(stamp, source).encode()):
            return "", "a nonce that is not ours"
        if now_s - int(stamp, 16) > NONCE_S:
            return "", "stale"
        expected = self._expected(request, parts.params, name)
        if expected is None or not hmac.compare_digest(expected.encode(), parts.params.get("response", "").encode()):
            return "", "a wrong name or password"
        if self._replayed(nonce, parts.params.get("nc", "")):
            return "", "an answer that was used before"
        return name, ""

    def _expected(self, request: SipRequest, given: Mapping[str, str], name: str) -> str | None:
        """The response of someone who knows the password; None when the rest of it cannot be right."""
        try:
            count = int(given.get("nc", ""), 16)
        except ValueError:
            return None
        if given.get("qop") != "auth" or given.get("uri") != request.uri or given.get("realm") != self._realm:
            return None
        password = self._users.get(name)
        challenge = AuthChallenge("Digest", {"realm": self._realm, "nonce": given["nonce"], "qop": "auth"})
        told = build_credentials(
            SipDigestAuth(name, password or secrets.token_hex()),  # an unknown name takes as long as a known one
            challenge,
            request.method,
            request.uri,
            nonce_count=count,
            cnonce=given.get("cnonce", ""),
        )
        return told.params["response"] if told and password else None

    def _replayed(self, nonce: str, count: str) -> bool:
        if (nonce, count) in self._used:
            return True
        self._used[nonce, count] = None
        while len(self._used) > MOST_REMEMBERED:
            self._used.popitem(last=False)
        return False

    def _tries_of(self, ip: str, now_s: float) -> int:
        since_s, tries = self._tries.get(ip, (now_s, 0))
        return tries if now_s - since_s < TRIES_S else 0

    def _note_try(self, ip: str, now_s: float) -> None:
        tries = self._tries_of(ip, now_s)
        since_s = self._tries[ip][0] if tries else now_s
        self._tries[ip] = (since_s, tries + 1)
        self._tries.move_to_end(ip)
        while len(self._tries) > MOST_REMEMBERED:
            self._tries.popitem(last=False)
