"""E-mail addresses as they are said: "mario punto rossi chiocciola esempio punto it", or written by the recognizer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dialogs.languages.values import Values, values
from dialogs.normalizing import normalise
from dialogs.spoken_letters import spelled
from dialogs.spoken_numbers import hear_digits

_ADDRESS = re.compile(r"[a-z0-9]+(?:[._+-]+[a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,24}")
_TOKEN = re.compile(
    r"[^\W_]+(?:['’](?=\W|$))?|@|_|(?<=\w)[.+-](?=\w)|(?<= )[.+-](?=\s)"
    r"|(?<=\w)\.(?= (?:it|com|eu|org|net|kr|uk)\b)"  # "esempio. it"
)
_LONGEST = 254
"""Characters of an address (RFC 5321)."""
_SIGNS = "@._-+"


def hear_email(text: str, code: str) -> str | None:
    """The address that was said, in lower case; None when there is none.

    Names may be spelled ("emme come Milano"), digits said one by one. What leads to the address ("la mia mail è") is
    left out, as is what follows a domain that is whole.
    """
    words = values(code)
    tokens = _tokens(text, words)
    places = [place for place, written in enumerate(tokens) if written == "@"]
    if not places:
        return None
    at = places[-1]
    local = _without_intro(tokens[:at], words)
    address = f"{_part(local, words, domain=False)}@{_part(tokens[at + 1 :], words, domain=True)}"
    return address if len(address) <= _LONGEST and _ADDRESS.fullmatch(address) else None


def _tokens(text: str, words: Values) -> list[str]:
    """Words in lower case and signs; a stop or hyphen is a sign only where it touches what follows."""
    text = text.strip().rstrip(".!?,;… ").lower()
    for phrase in words.letters.joined:
        text = re.sub(rf"\b{re.escape(phrase)}\b", " ", text)
    if not words.spaces:
        for word, sign in words.emails.signs.items():
            text = text.replace(word, f" {sign} ")
        for heard, meant in words.emails.fixes.items():
            text = text.replace(heard, f" {meant} ")
    tokens = _TOKEN.findall(text)
    joined: list[str] = []
    at = 0
    while at < len(tokens):
        for size in (2, 1):
            said = normalise(" ".join(tokens[at : at + size]))
            sign_or_name = words.emails.signs.get(said) or words.emails.fixes.get(said)
            if said and sign_or_name is not None and len(tokens[at : at + size]) == size:
                joined.append(sign_or_name)
                at += size
                break
        else:
            joined.append(tokens[at])
            at += 1
    return joined


def _without_intro(tokens: Sequence[str], words: Values) -> list[str]:
    places = [place for place, token in enumerate(tokens) if token in words.emails.intro]
    return list(tokens[places[-1] + 1 :] if places and places[-1] + 1 < len(tokens) else tokens)


def _part(tokens: Sequence[str], words: Values, domain: bool) -> str:
    """Tokens between the signs as names; signs as they are."""
    written = ""
    name: list[str] = []
    for token in [*tokens, ""]:
        if token and token not in _SIGNS:
            name.append(token)
            continue
        if name:
            written += _name(name, words, domain)
            name = []
        written += token
    return written


def _name(tokens: Sequence[str], words: Values, domain: bool) -> str:
    """One name: spelled as a whole, or words with digits among them; a domain that is a number word stays one."""
    if domain and len(tokens) == 1:
        return normalise(tokens[0])
    as_letters = spelled(tokens, words.code) if _is_spelled(tokens, words) else None
    if as_letters is not None:
        return as_letters
    written = ""
    at = 0
    while at < len(tokens):
        run = 0
        while (
            at + run < len(tokens)
            and hear_digits(tokens[at + run], words.code).digits
            and (hear_digits(tokens[at + run], words.code).only_numbers)
        ):
            run += 1
        if run:
            written += "".join(hear_digits(" ".join(tokens[at : at + run]), words.code).digits)
            at += run
            continue
        end = next((at + n for n in range(len(tokens) - at, 1, -1) if _is_spelled(tokens[at : at + n], words)), 0)
        letters = spelled(tokens[at:end], words.code) if end else None
        if letters is not None:
            written, at = written + letters, end
        else:
            packed = None if words.spaces else spelled(tokens[at : at + 1], words.code)
            written += packed or normalise(tokens[at]).replace(" ", "")
            at += 1
    return written


def _is_spelled(tokens: Sequence[str], words: Values) -> bool:
    """Whether these are several letters, by their names or as "M come Milano"; a lone name may be a name's part."""
    return len(tokens) > 1 and spelled(tokens, words.code) is not None
