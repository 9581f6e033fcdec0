"""The web pages of operators and admins, and their HTTP API; sign-in, roles and the tickets of the websockets.

The pages themselves are in `console.app`, which only a server needs."""

from console.account import Account
from console.accounts import Accounts, AccountsError, OneTimeLink
from console.passwords import PasswordRefused
from console.sessions import Session, SignInRefused
from console.tickets import Tickets

__all__ = [
    "Account",
    "Accounts",
    "AccountsError",
    "OneTimeLink",
    "PasswordRefused",
    "Session",
    "SignInRefused",
    "Tickets",
]
