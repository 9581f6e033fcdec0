"""What was being talked about when digits were said: a card, a telephone, or an order, which is nobody's secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from history.redaction.tokens import Token, Turn, tokens_of

Cue = Literal["card", "iban", "codice_fiscale", "phone", "card_code", "expiry", "number", "other"]

WITHIN_BEFORE = 16
WITHIN_AFTER = 8
_TURNS_BACK = 4
_NEAR = 7
_NUMBER = frozenset(["numero", "numeri", "number", "nummero"])

_WORDS: dict[Cue, str] = {
    "card": "carta carte visa mastercard amex bancomat postepay card credito credit debit maestro",
    "iban": "iban conto bonifico accredito bank",
    "codice_fiscale": "fiscale fiscali",
    "phone": (
        "telefono telefonino telefonico telefonini cellulare cellulari cell tel mobile phone telephone whatsapp "
        "recapito recapiti chiamatemi chiamarmi chiamami richiamatemi richiamarmi richiamami richiami richiamate "
        "richiamare raggiungermi rintracciarmi contattarmi contattatemi chiamate fisso sms landline reach ring "
        "callback prefisso messaggio text numero_di_casa call"
    ),
    "card_code": "cvv cvc cvv2 cvc2",
    "expiry": "scadenza scade scad expiry expires expiring exp valida",
    "other": (
        "ordine ordini order orders isbn tracking spedizione shipment pacco parcel fattura fatture invoice pratica "
        "ticket segnalazione cliente customer riferimento reference protocollo lotto seriale serial scontrino receipt "
        "euro prezzo price totale total importo amount partita iva vat pin barcode ean prenotazione booking tessera "
        "fedelta loyalty fidelity regalo gift identita abbonamento subscription polizza policy contratto contract "
        "matricola pod pdr bolla ddt articolo sku prodotto product serie copie copies membership library socio member "
        "vettura volo flight treno lettura contatore meter case voucher buono coupon sconto lettera reso rma "
        "catalogo catalogue model modello codice_prodotto preventivo quote transazione transaction ricevuta cup "
        "operazione movimento vaglia raccomandata"
    ),
}
_BY_WORD: dict[str, Cue] = {word: cue for cue, words in _WORDS.items() for word in words.split()}
_PHRASES: dict[tuple[str, ...], Cue] = {
    ("codice", "di", "sicurezza"): "card_code", ("security", "code"): "card_code", ("tax", "code"): "codice_fiscale",
    ("fiscal", "code"): "codice_fiscale", ("codice", "a", "barre"): "other", ("call", "centre"): "other",
    ("call", "center"): "other", ("carta", "fedelta"): "other", ("carta", "regalo"): "other",
    ("carta", "d'", "identita"): "other", ("gift", "card"): "other", ("loyalty", "card"): "other",
    ("carta", "di", "identita"): "other", ("library", "card"): "other", ("membership", "card"): "other",
    ("carta", "soci"): "other", ("conto", "termico"): "other", ("account", "number"): "iban",
    ("back", "of", "the", "card"): "card_code", ("retro", "della", "carta"): "card_code",
    ("dietro", "la", "carta"): "card_code", ("on", "the", "back"): "card_code", ("sul", "retro"): "card_code",
    ("mi", "chiami"): "phone", ("mi", "chiamate"): "phone", ("mi", "chiama"): "phone", ("mi", "trova"): "phone",
    ("mi", "trovate"): "phone", ("risponde", "al"): "phone", ("rispondo", "al"): "phone",
}  # fmt: skip


_ENDS = frozenset([",", "mentre", "ma", "invece", "poi", "while", "but", "then"])
"""Where what is said behind a number begins to speak of something else."""


_THEIR_OWN = frozenset(
    [("mio", "numero", "e"), ("numero", "mio", "e"), ("my", "number", "is"), ("mio", "numero", "sarebbe")]
)


def _phrases_with() -> dict[str, list[tuple[tuple[str, ...], int]]]:
    """By word: the phrases that it is in, longer ones first, and its place in each, the last one first."""
    found: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for phrase in _PHRASES:
        for place, word in enumerate(phrase):
            found.setdefault(word, []).append((phrase, place))
    return {word: sorted(there, key=lambda one: (-len(one[0]), -one[1])) for word, there in found.items()}


_PHRASES_WITH = _phrases_with()


def cue_at(tokens: Sequence[Token], at: int) -> Cue | None:
    """What the word here, or the phrase that it belongs to, speaks of."""
    for phrase, place in _PHRASES_WITH.get(_plain(tokens[at]), ()):
        begin = at - place
        said = tokens[begin : begin + len(phrase)] if begin >= 0 else ()
        if len(said) == len(phrase) and all(_plain(one) == word for one, word in zip(said, phrase, strict=True)):
            return _PHRASES[phrase]
    return _BY_WORD.get(tokens[at].word)


def _plain(token: Token) -> str:
    return token.word.replace("’", "'")


def cue_of(tokens: Sequence[Token], begin: int, end: int, numbers: set[int], turns: Sequence[Turn]) -> Cue | None:
    """The nearest word before tokens[begin:end] in their turn, else behind them, else in the turns before.

    numbers: places of other long numbers; the words beyond one speak of that one.
    """
    before = _before(tokens, begin, numbers)
    after = _after(tokens, end, numbers) if before is None else None
    if after == "other" and _is_their_own(tokens, begin):
        after = None  # "my number is … and the order is late": the order is another matter
    named = before or after or _earlier(turns, tokens[begin].turn)
    if named is None and any(token.word in _NUMBER for token in tokens[max(0, begin - _NEAR) : begin]):
        mine = [at for at in range(begin) if tokens[at].turn == tokens[begin].turn]
        return None if any(cue_at(tokens, at) == "other" for at in mine) else "number"
    return named


def _is_their_own(tokens: Sequence[Token], begin: int) -> bool:
    return tuple(token.word for token in tokens[max(0, begin - 3) : begin]) in _THEIR_OWN


def _before(tokens: Sequence[Token], begin: int, numbers: set[int]) -> Cue | None:
    for at in range(begin - 1, max(-1, begin - 1 - WITHIN_BEFORE), -1):
        if tokens[at].turn != tokens[begin].turn or at in numbers:
            return None
        if cue := cue_at(tokens, at):
            return cue
    return None


def _after(tokens: Sequence[Token], end: int, numbers: set[int]) -> Cue | None:
    elsewhere = False
    for at in range(end, min(len(tokens), end + WITHIN_AFTER)):
        if tokens[at].turn != tokens[end - 1].turn or at in numbers or tokens[at].text in ".;?!":
            return None
        elsewhere = elsewhere or tokens[at].word in _ENDS
        cue = cue_at(tokens, at)
        if cue == "expiry" or (cue == "other" and elsewhere):
            return None
        if cue:
            return cue
    return None


def _earlier(turns: Sequence[Turn], turn: int) -> Cue | None:
    for place in range(turn - 1, max(-1, turn - 1 - _TURNS_BACK), -1):
        earlier = tokens_of(place, turns[place].text)
        for at in range(len(earlier) - 1, -1, -1):
            if cue := cue_at(earlier, at):
                return cue
    return None
