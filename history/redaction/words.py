"""Italian and English words of dictation: numbers, letters, what people say in between. Without accents.

Both languages are read at once: people who speak one dictate in the other, and recognizers mix them up.
"""

from __future__ import annotations

import string

UNITS = {
    "zero": "0", "uno": "1", "due": "2", "tre": "3", "quattro": "4", "cinque": "5", "sei": "6",
    "sette": "7", "otto": "8", "nove": "9",
    "oh": "0", "nought": "0", "naught": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9", "niner": "9",
}  # fmt: skip
TEENS = {
    "dieci": 10, "undici": 11, "dodici": 12, "tredici": 13, "quattordici": 14, "quindici": 15, "sedici": 16,
    "diciassette": 17, "diciotto": 18, "diciannove": 19,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS_ITALIAN = {
    "venti": 20, "trenta": 30, "quaranta": 40, "cinquanta": 50, "sessanta": 60, "settanta": 70, "ottanta": 80,
    "novanta": 90,
}  # fmt: skip
TENS_ENGLISH = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
REPEATS = {
    "doppio": 2, "doppia": 2, "double": 2, "triplo": 3, "tripla": 3, "triple": 3, "treble": 3, "quadruplo": 4,
    "quadruple": 4,
}  # fmt: skip
MANY_ZEROS = {"zeri": "0", "zeros": "0", "zeroes": "0"}
TIMES = {"volte", "times"}

LETTER_NAMES = {
    "bi": "b", "ci": "c", "di": "d", "effe": "f", "gi": "g", "acca": "h", "elle": "l", "emme": "m", "enne": "n",
    "pi": "p", "qu": "q", "cu": "q", "erre": "r", "esse": "s", "ti": "t", "vu": "v", "vi": "v", "zeta": "z",
    "ics": "x", "icse": "x", "kappa": "k", "cappa": "k", "ipsilon": "y", "jay": "j", "gei": "j", "jei": "j",
    "lunga": "j",
    "bee": "b", "cee": "c", "see": "c", "dee": "d", "ef": "f", "eff": "f", "gee": "g", "aitch": "h", "haitch": "h",
    "kay": "k", "el": "l", "ell": "l", "em": "m", "en": "n", "pee": "p", "cue": "q", "queue": "q", "ar": "r",
    "ess": "s", "es": "s", "tee": "t", "vee": "v", "ex": "x", "why": "y", "zed": "z", "zee": "z",
    "are": "r", "you": "u",
}  # fmt: skip
LETTER_PHRASES = {
    ("doppia", "vu"): "w", ("doppia", "v"): "w", ("doppio", "vu"): "w", ("double", "you"): "w", ("double", "u"): "w",
    ("i", "lunga"): "j", ("i", "greca"): "y",
}  # fmt: skip
_CITIES = (
    "ancona bologna como domodossola empoli firenze genova hotel imola jolly kappa livorno milano napoli otranto "
    "palermo padova quarto roma savona torino udine venezia washington xeres york zara bari catania empoli imperia "
    "jersey kursaal lecce modena novara pisa pescara ravenna salerno taranto verona yacht zurigo"
)
_NATO = (
    "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa "
    "quebec romeo sierra tango uniform victor whiskey whisky xray yankee zulu"
)
SPELLERS = {word: word[0] for word in (*_CITIES.split(), *_NATO.split())}
SPELLED_BY = ("come", "as in", "like", "for", "di", "as")
ALPHABET = frozenset(string.ascii_lowercase)

CORRECTIONS = (
    "no", "anzi", "mi correggo", "correggo", "ho sbagliato", "mi sono sbagliato", "mi sono sbagliata", "volevo dire",
    "intendevo", "ricomincio", "riparto", "cancelli", "no scusi", "no scusa", "no aspetti", "scusi no", "ho detto",
    "ho detto male", "sorry", "i mean", "i meant", "actually", "scratch that", "correction", "my mistake", "no wait",
    "wait no", "let me start again", "start again", "let me start over", "sorry no", "i said", "non", "rather",
)  # fmt: skip
"""What takes back the digits before it."""

FILLERS = (
    "e", "eh", "ehm", "em", "mh", "mmh", "mm", "ah", "uhm", "allora", "poi", "e poi", "quindi", "dunque", "ecco",
    "ok", "okay", "si", "esatto", "giusto", "bene", "va bene", "certo", "perfetto", "aspetti", "aspetta", "un attimo",
    "un attimino", "un secondo", "un momento", "vediamo", "cioe", "insomma", "scusi", "scusa", "mi scusi", "ancora",
    "di nuovo", "dopo", "trattino", "spazio", "punto", "virgola", "barra", "prefisso", "infine", "finisce con",
    "e finisce con", "continua", "per", "alla fine", "segue", "che leggo", "non si legge bene", "diciamo", "tutto",
    "numero", "and", "uh", "um", "er", "erm", "hmm", "well", "so", "then", "and then", "yes", "yeah", "yep", "right",
    "sure", "dash", "hyphen", "space", "dot", "slash", "comma", "wait", "hold on", "hang on", "one second", "one sec",
    "one moment", "just a second", "just a moment", "a second", "let me see", "let me check", "let's see", "again",
    "followed by", "next", "ending in", "ending with", "finally", "lastly", "got it", "you know", "like", "please",
    "per favore", "prego", "fatto", "capito", "ci sono", "mi segue", "segnato", "scritto", "ha scritto", "the rest is",
    "il resto e", "continuo", "proseguo", "carry on", "correct", "exactly", "that's right", "area code", "extension",
    "that was", "that is", "that's", "it's", "it is", "cosi", "era", "sarebbe", "leggo", "le ripeto", "ripeto",
    "mi dica", "bear with me",
)  # fmt: skip
"""What people say between digits without ending the number."""

ONE_WORD = (
    "tutto attaccato", "tutto unito", "tutto insieme", "tutta attaccata", "senza spazi", "senza punti",
    "tutto minuscolo", "in minuscolo", "minuscolo", "maiuscolo", "all one word", "one word", "all together",
    "no spaces", "all lowercase", "lowercase", "lower case", "all lower case", "as one word",
)  # fmt: skip
"""How people say that nothing stands between the words of an address."""

SEPARATORS = frozenset(".,;:-–—/()…!?\"“”'’*#•_")
