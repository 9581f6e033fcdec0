"""A made-up bookshop: who buys, what is asked, and what its bot knows."""

from __future__ import annotations

import random
from dataclasses import dataclass

NAMES = ("Anna", "Bruno", "Carla", "Dario", "Elena", "Fabio", "Giulia", "Hanna", "Ivo", "Lia", "Marco", "Nora", "Olga")
SURNAMES = ("Rossi", "Bianchi", "Ferrari", "Costa", "Fontana", "Greco", "Marino", "Riva", "Serra", "Villa", "Zanetti")
BOOKS = (
    "Il nome della rosa", "La coscienza di Zeno", "Se questo è un uomo", "I promessi sposi", "Il barone rampante",
    "Lessico famigliare", "La luna e i falò", "Il Gattopardo", "Le città invisibili", "L'isola di Arturo",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """article: that answers it; intent: that it is instead; neither: the bot does not know."""

    asked: str
    article: str = ""
    intent: str = ""


QUESTIONS = (
    Question("a che ora aprite sabato", article="orari"),
    Question("quanto costa la spedizione a casa", article="spedizioni"),
    Question("vorrei restituire {book}, è arrivato rovinato", article="resi"),
    Question("il mio ordine {order} non è ancora arrivato", article="ordini"),
    Question("vorrei sapere se {book} è disponibile", intent="disponibilita"),
    Question("vorrei ordinare due copie di {book}", intent="ordinare"),
    Question("la fattura dell'ordine {order} è sbagliata"),
    Question("fate pacchetti regalo"),
)
ANSWERS = {
    "orari": "Siamo aperti dal lunedì al sabato, dalle nove alle diciannove e trenta.",
    "spedizioni": "La spedizione costa quattro euro e novanta, gratis da trentacinque euro.",
    "resi": "Può restituire un libro entro trenta giorni, con lo scontrino o il numero dell'ordine.",
    "ordini": "Un ordine in viaggio arriva entro due giorni lavorativi.",
}
TITLES = {"orari": "Orari", "spedizioni": "Spese di spedizione", "resi": "Resi", "ordini": "Ordini in viaggio"}


def worded(chance: random.Random, text: str) -> str:
    """With a book and an order in it, where it names one."""
    return text.replace("{book}", chance.choice(BOOKS)).replace("{order}", str(chance.randrange(10_000, 99_999)))


def telephone_of(person: int) -> str:
    """As the phone system gives it."""
    return f"+39051{person:07}"
