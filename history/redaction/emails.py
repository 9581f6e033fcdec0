"""E-mail addresses, written or said: "mario punto rossi chiocciola esempio punto it", "m rossi at example dot com"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from history.redaction.readings import digits, filler, letters
from history.redaction.runs import MOST_TURNS_BETWEEN
from history.redaction.tokens import Token
from history.redaction.words import ONE_WORD

WRITTEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,4}[A-Za-z]{2,24}")

_AT = {"@", "chiocciola", "chiocciolina"}
_AT_ENGLISH = {"at", "et"}
_DOTS = {".", "punto", "dot", "point"}
_JOINERS = _DOTS | {"_", "-", "+", "underscore", "trattino", "dash", "hyphen", "meno", "minus", "plus", "piu", "basso"}
_ENDINGS_WORDS = (
    "it com org net eu uk co info edu gov biz io me fr de es ch us ca ie au nl be at pt pl se dk no fi gr eus cat "
    "name pro tv cc app dev mail online shop cloud int"
)
_ENDINGS = frozenset(_ENDINGS_WORDS.split())
_PROVIDERS_WORDS = (
    "gmail libero hotmail yahoo outlook virgilio tiscali alice icloud fastweb fastwebnet tim pec live msn "
    "protonmail proton aol gmx btinternet googlemail aruba tin inwind iol email mail poste postecert legalmail"
)
_PROVIDERS = frozenset(_PROVIDERS_WORDS.split())
_MOST_LABEL = 4
_MOST_PLAIN = 3
"""Words in a row, without a sign between, that may be one name ("mario rossi")."""
_STOP_WORDS = (
    "is its mail email posta indirizzo address elettronica la il lo le un una mia mio tua sua suo my your his her "
    "their the a an al alla allo a' di del della sono ho ha hanno scriva scrivete scrivere scrivermi mandi mandate "
    "mandatemi mandarmi mandare invii inviate inviatemi inviarmi inviare send write reach contact to use usi uso "
    "usare con quello quella che and or o oppure anche sarebbe dovrebbe essere as come si yes ok okay allora quindi "
    "poi dunque ecco well so then please prego grazie thanks thank no not non questa questo segni segnate scrivo eh "
    "ehm uhm uh um er mi ci vi per su in on of for with was will be can could you i me we us at dica risponde "
    "rispondo contattarmi contattatemi qui here there look go visit site website sito sure lavoro work personale "
    "personal invece instead puo potete puoi this that one e s it' that'"
)
_STOP = frozenset(_STOP_WORDS.split())
_REFUSED_ALONE_WORDS = (
    "look shop order bought buy find found ordered site website is it there online us arrive meet bookstore store "
    "available sell sold seen saw"
)
_REFUSED_ALONE = frozenset(_REFUSED_ALONE_WORDS.split())


def written(text: str) -> list[tuple[int, int]]:
    """Where addresses stand that are written as such."""
    return [match.span() for match in WRITTEN.finditer(text)]


def email_at(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """The address around the sign at this token, as the places of its first token and behind its last one."""
    word = tokens[at].word
    if word not in _AT | _AT_ENGLISH and not (word == "commerciale" and at and tokens[at - 1].word == "a"):
        return None
    english = word in _AT_ENGLISH
    after = at + 2 if english and at + 1 < len(tokens) and tokens[at + 1].word == "sign" else at + 1
    end = _domain_end(tokens, after, surely=not english)
    if end is None:
        return None
    begin = _local_begin(tokens, at - 1 if word == "commerciale" else at, english)
    return None if begin is None else (begin, end)


def _domain_end(tokens: Sequence[Token], at: int, *, surely: bool) -> int | None:
    """Behind the last label. surely: that it is a domain is known, so one of the great ones may lack its ending."""
    best = None
    label = 0
    seen: list[str] = []
    dotted = False
    begin = at
    while at < len(tokens) and tokens[at].turn - tokens[max(at - 1, 0)].turn <= MOST_TURNS_BETWEEN:
        token = tokens[at]
        if token.word in _DOTS:
            if not label:
                break
            if token.text == "." and best is not None and not _glued(tokens, at):
                break
            label, dotted = 0, True
        elif token.word in ("trattino", "-", "dash", "hyphen", "meno") and label:
            pass
        elif token.is_word or token.is_number:
            if label >= _MOST_LABEL:
                break
            label += 1
            seen.append(token.word)
            if dotted and label == 1 and token.word in _ENDINGS:
                best = at + 1
            elif dotted and label == 1 and best is not None:
                break
            elif (
                (best == at and token.word in _ENDINGS)
                or (dotted and label == 2 and tokens[at - 1].word + token.word in _ENDINGS)
                or (not dotted and surely and best is None and "".join(seen[-2:]) in _PROVIDERS | {"gmail", "hotmail"})
                or (not dotted and surely and best is None and token.word in _PROVIDERS and at - begin < 3)
            ):  # "gmail com"
                best = at + 1
        elif filler(tokens, at) is not None and token.text in ",…":
            pass
        else:
            break
        at += 1
    return best


def _glued(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].turn == tokens[at].turn and tokens[at].end == tokens[at + 1].start


def _local_begin(tokens: Sequence[Token], sign: int, english: bool) -> int | None:
    """The first token of the part before the sign; None when nothing there can be one."""
    begin, plain, at = sign, 0, sign - 1
    while at >= 0 and tokens[at + 1].turn - tokens[at].turn <= MOST_TURNS_BETWEEN:
        token, following = tokens[at], tokens[at + 1]
        if token.turn != following.turn and begin < sign and not _goes_on(tokens, at, begin):
            break
        if token.word in _JOINERS and (token.text != "." or begin == sign or _glued(tokens, at)):
            plain = 0
        elif token.text in ",…" and (begin == sign or following.word in _JOINERS or _is_code(tokens, begin)):
            at -= 1
            continue
        elif _spells(tokens, at):
            begin, at = at - 2, at - 3
            continue
        elif size := _one_word(tokens, at):
            at -= size
            continue
        elif _is_code(tokens, at) and (token.word not in _STOP or digits(tokens, at) or _spelling(tokens, at)):
            begin = at
        elif (token.is_word and token.word not in _STOP) and plain < _MOST_PLAIN:
            plain += 1
            begin = at
        elif not (begin == sign and filler(tokens, at) is not None and token.word not in ("e", "is")):
            break
        at -= 1
    if begin == sign or (english and begin == sign - 1 and tokens[begin].word in _REFUSED_ALONE):
        return None
    return begin


def _goes_on(tokens: Sequence[Token], at: int, begin: int) -> bool:
    """Whether the turn that ends at `at` belongs to the address whose beginning is in the next turn."""
    if tokens[begin].word in _JOINERS or tokens[at].word in _JOINERS or tokens[begin - 1].word in _JOINERS:
        return True
    said = [token for token in tokens[max(0, at - 5) : at + 1] if token.turn == tokens[at].turn]
    return len(said) <= 4 and all((one.is_word and one.word not in _STOP) or one.is_number for one in said)


def _is_code(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    if token.text.lower() in ("è", "é"):
        return False
    return token.is_number or bool(digits(tokens, at)) or (token.is_word and _letter(tokens, at))


def _letter(tokens: Sequence[Token], at: int) -> bool:
    return any(len(one.chars) == 1 and one.size == 1 for one in letters(tokens, at))


def _spelling(tokens: Sequence[Token], at: int) -> bool:
    """A word that is also a letter's name counts as one beside another letter, or before a sign ("o dot west")."""
    if len(tokens[at].word) == 1 and at + 1 < len(tokens) and tokens[at + 1].word in _JOINERS:
        return True
    near = []
    for way in (-1, 1):
        place = at + way
        if 0 <= place < len(tokens) and tokens[place].text == ",":
            place += way
        if 0 <= place < len(tokens) and tokens[place].turn == tokens[at].turn:
            near.append(place)
    return any(tokens[place].is_word and tokens[place].word not in _STOP and _letter(tokens, place) for place in near)


def _one_word(tokens: Sequence[Token], at: int) -> int:
    """Words of a phrase that says how the address is written and ends here; 0 without one."""
    for size in (4, 3, 2, 1):
        if at - size >= -1 and " ".join(token.word for token in tokens[at - size + 1 : at + 1]) in ONE_WORD:
            return size
    return 0


def _spells(tokens: Sequence[Token], at: int) -> bool:
    """ "M come Milano" ends here."""
    if at < 2 or tokens[at - 1].word not in ("come", "like", "for"):
        return False
    return any(one.size == 3 for one in letters(tokens, at - 2))
