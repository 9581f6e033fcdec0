"""What happens in a made-up bookshop: who is in touch, over which channel, about what, and what comes of it; pure."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from history.events import Entry
from history.ingestion.envelope import Received, received

NAMES = ("Anna", "Bruno", "Carla", "Dario", "Elena", "Fabio", "Giulia", "Hanna", "Ivo", "Lia", "Marco", "Nora", "Olga")
SURNAMES = ("Rossi", "Bianchi", "Ferrari", "Costa", "Fontana", "Greco", "Marino", "Riva", "Serra", "Villa", "Zanetti")
BOOKS = (
    "Il nome della rosa", "La coscienza di Zeno", "Se questo è un uomo", "I promessi sposi", "Il barone rampante",
    "Lessico famigliare", "La luna e i falò", "Il Gattopardo", "Le città invisibili", "L'isola di Arturo",
)  # fmt: skip
ASKED = (
    "vorrei sapere se {book} è disponibile", "il mio ordine {order} non è ancora arrivato", "a che ora aprite sabato",
    "vorrei restituire {book}, è arrivato rovinato", "quanto costa la spedizione a casa", "vorrei un operatore",
    "vorrei ordinare due copie di {book}", "la fattura dell'ordine {order} è sbagliata", "fate pacchetti regalo",
)  # fmt: skip
ANSWERED = (
    ("orari", "Siamo aperti dal lunedì al sabato, dalle nove alle diciannove e trenta."),
    ("spedizioni", "La spedizione costa quattro euro e novanta, gratis da trentacinque euro."),
    ("resi", "Può restituire un libro entro trenta giorni, con lo scontrino o il numero dell'ordine."),
    ("ordini", "L'ordine {order} è in viaggio e arriva entro due giorni lavorativi."),
)
LINES = ("it", "it", "it", "en")
CHANNELS = ("voice",) * 12 + ("email",) * 4 + ("chat",) * 2 + ("whatsapp", "shop")
HOURS = (9, 10, 10, 11, 11, 12, 14, 15, 15, 16, 16, 17, 18, 19)

Happening = tuple[str, list[Entry], Received | None]
"""The interaction's id, its entries, and the event of another channel that it came as, if it did."""


def year(count: int, seed: int, until: datetime) -> Iterator[Happening]:
    """So many interactions in the year before `until` (aware), day by day, of a fifth as many people."""
    chance = random.Random(seed)  # noqa: S311 - made up, not secret
    people = max(1, count // 5)
    for number in range(count):
        at = until - timedelta(days=365) + timedelta(days=365) * number / count
        at = at.replace(hour=chance.choice(HOURS), minute=chance.randrange(60), second=chance.randrange(60))
        person = chance.randrange(people)
        channel = chance.choice(CHANNELS)
        if channel == "voice":
            yield _call(chance, person, at)
        else:
            yield _message(chance, channel, person, number, at)


def _call(chance: random.Random, person: int, at: datetime) -> Happening:
    call = _id(at, chance)
    line, ms = chance.choice(LINES), 0
    entries: list[Entry] = []

    def add(kind: str, payload: dict[str, Any], actor: str = "system") -> None:
        entries.append(Entry(kind, payload, ms, actor, at + timedelta(milliseconds=ms)))

    started = {
        "line": line,
        "door": "twilio",
        "language": line,
        "caller": "" if chance.random() < 0.05 else _tel(person),
    }
    add(
        "call.started",
        {**started, "recognizer": {"engine": "whisper"}, "flowbook": {"id": "libreria", "revision": "1"}},
    )
    for _ in range(chance.choice((1, 1, 2, 3))):
        said = _fill(chance, chance.choice(ASKED))
        article, answer = chance.choice(ANSWERED)
        ms += chance.randrange(900, 4000)
        add("transcript", _said("caller", said, ms, confidence=round(chance.uniform(0.6, 0.98), 2)), "caller")
        ms += chance.randrange(400, 1200)
        add("transcript", _said("bot", _fill(chance, answer), ms, article=article, latency_ms=ms % 900), "bot")
    outcome, reason = "answered", "bot_ended"
    if (ends := chance.random()) < 0.25:
        operator = f"op-{chance.randrange(6)}"
        add("handoff.queued", {"queue": "assistenza", "reason": "asked", "slots": {}})
        ms += chance.randrange(3000, 90_000)
        if ends < 0.2:
            add("operator.joined", {"operator": operator}, operator)
            ms += chance.randrange(20_000, 240_000)
            add("transcript", _said("operator", "Ho controllato, la richiamiamo entro domani.", ms), operator)
            outcome, reason = "handed_over", "operator_ended"
        else:
            add("callback.requested", {"queue": "assistenza", "reason": "no_operator", "slots": {}})
            outcome, reason = "callback", "bot_ended"
    elif ends < 0.33:
        outcome, reason = "abandoned", "caller_hung_up"
    ms += 500
    add("call.ended", {"reason": reason, "outcome": outcome})
    return call, entries, None


def _message(chance: random.Random, channel: str, person: int, number: int, at: datetime) -> Happening:
    name = f"{NAMES[person % len(NAMES)]} {SURNAMES[person // len(NAMES) % len(SURNAMES)]}"
    mail = {"kind": "email", "value": f"cliente{person}@example.org", "verified": channel == "shop"}
    tel = {"kind": "tel", "value": _tel(person), "verified": channel == "shop"}
    order = f"A-{person}-{chance.randrange(5)}"
    data = {
        "channel": channel, "direction": "inbound" if chance.random() < 0.7 else "outbound", "language": "it",
        "contact": {"name": name, "points": {"whatsapp": [tel], "shop": [mail, tel]}.get(channel, [mail])},
        "subject": f"Ordine {order}", "thread": order, "outcome": chance.choice(("", "shipped", "delivered")),
        "text": "" if channel == "shop" else _fill(chance, chance.choice(ASKED)),
    }  # fmt: skip
    event = received({
        "specversion": "1.0", "id": str(number), "source": f"generated/{channel}", "type": "org.example.message",
        "time": at.isoformat(), "data": data,
    })  # fmt: skip
    return event.interaction_id, [event.entry(trusted=True)], event


def _said(speaker: str, text: str, ms: int, **more: Any) -> dict[str, Any]:
    return {"speaker": speaker, "text": text, "start_ms": max(0, ms - 900), "end_ms": ms, **more}


def _fill(chance: random.Random, text: str) -> str:
    return text.replace("{book}", chance.choice(BOOKS)).replace("{order}", str(chance.randrange(10_000, 99_999)))


def _tel(person: int) -> str:
    return f"+39051{person:07}"


def _id(at: datetime, chance: random.Random) -> str:
    at_ms = int(at.astimezone(UTC).timestamp() * 1000)
    return str(
        uuid.UUID(int=(at_ms << 80) | 0x7 << 76 | chance.getrandbits(12) << 64 | 0b10 << 62 | chance.getrandbits(62))
    )
