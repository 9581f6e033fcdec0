"""Dates, times, amounts, e-mail addresses and codes: as callers say them, and as the bot says them back."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dialogs import engine
from dialogs.events import CallerSaid, CallStarted, Say
from dialogs.languages import known_languages
from dialogs.languages.values import values
from dialogs.loading import read_flowbook
from dialogs.problems import FlowbookErrors
from dialogs.slots import Slot
from dialogs.spoken_dates import hear_date
from dialogs.spoken_emails import hear_email
from dialogs.spoken_letters import hear_letters
from dialogs.spoken_money import Amount, hear_money
from dialogs.spoken_numbers import hear_digits, hear_number
from dialogs.spoken_times import hear_time
from dialogs.value_slots import DateSlot, EmailSlot, MoneySlot, TextSlot, TimeSlot
from voice.speaking.saying import said
from voice.speaking.saying.addresses import email_said
from voice.speaking.saying.calendar import time_said, whole_date_said
from voice.speaking.saying.money import money_said
from voice.speaking.saying.numbers import cardinal, digits_said
from voice.speaking.ssml import fault

SUNDAY = date(2026, 11, 22)
CODES = st.sampled_from(known_languages())


@pytest.mark.parametrize(
    ("code", "said_", "meant"),
    [
        ("it", "il tre marzo", "2027-03-03"),
        ("it", "Il primo marzo duemilaventisette.", "2027-03-01"),
        ("it", "martedì 24 novembre", "2026-11-24"),
        ("it", "12 marzo 84", "1984-03-12"),
        ("it", "domani", "2026-11-23"),
        ("it", "Dopodomani, grazie.", "2026-11-24"),
        ("it", "lunedì prossimo", "2026-11-23"),
        ("it", "sabato scorso", "2026-11-21"),
        ("it", "domenica", "2026-11-29"),
        ("it", "mercoledì della prossima settimana", "2026-11-25"),
        ("it", "03/03", "2027-03-03"),
        ("it", "3.3.27", "2027-03-03"),
        ("it", "tra tre giorni", "2026-11-25"),
        ("it", "fra un mese", "2026-12-22"),
        ("it", "due settimane fa", "2026-11-08"),
        ("it", "il 15", "2026-12-15"),
        ("it", "il trenta febbraio", None),
        ("it", "non saprei", None),
        ("it", "vorrei tre libri per mia figlia", None),
        ("en", "the third of March", "2027-03-03"),
        ("en", "March 3rd, 2027", "2027-03-03"),
        ("en", "March twenty-first, twenty twenty-seven", "2027-03-21"),
        ("en", "nineteenth of May nineteen oh five", "1905-05-19"),
        ("en", "next Monday", "2026-11-23"),
        ("en", "in two weeks", "2026-12-06"),
        ("it", "domani l'altro", "2026-11-24"),
        ("en", "the day after tomorrow", "2026-11-24"),
        ("en", "two days ago", "2026-11-20"),
        ("en", "a week from today", "2026-11-29"),
        ("it", "ventuno dodici duemilaventisei", "2026-12-21"),
        ("it", "tre zero tre", "2027-03-03"),
        ("it", "uno due tre quattro", None),
        ("ko", "삼월 삼일", "2027-03-03"),
        ("ko", "십일월 삼십일 월요일이요", "2026-11-30"),
        ("ko", "2026년 12월 3일", "2026-12-03"),
        ("ko", "내일이요", "2026-11-23"),
        ("ko", "다음 주 월요일", "2026-11-23"),
        ("ko", "삼 일 후", "2026-11-25"),
        ("ko", "시월 십일일", "2027-10-11"),
    ],
)
def test_dates(code: str, said_: str, meant: str | None) -> None:
    heard = hear_date(said_, code, SUNDAY)
    assert (heard and heard.isoformat()) == meant


@pytest.mark.parametrize(
    ("code", "said_"), [("it", "fra 900000000000 giorni"), ("en", "in 99999999999 years"), ("ko", "십억일 뒤")]
)
def test_a_day_that_no_calendar_has_is_none(code: str, said_: str) -> None:
    assert hear_date(said_, code, SUNDAY) is None


def test_a_date_of_the_past() -> None:
    assert hear_date("il tre dicembre", "it", SUNDAY, past=True) == date(2025, 12, 3)
    assert hear_date("il 15", "it", SUNDAY, past=True) == date(2026, 11, 15)
    assert hear_date("il ventinove febbraio", "it", SUNDAY) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("code", "said_", "meant"),
    [
        ("it", "alle tre e mezza", "03:30"),
        ("it", "Alle 15:30.", "15:30"),
        ("it", "alle 15.30", "15:30"),
        ("it", "quindici e trenta", "15:30"),
        ("it", "alle venti e cinque", "20:05"),
        ("it", "all'una e un quarto", "01:15"),
        ("it", "tre e tre quarti", "03:45"),
        ("it", "alle quattro meno dieci", "03:50"),
        ("it", "all'una meno un quarto", "12:45"),
        ("it", "mezzogiorno e mezza", "12:30"),
        ("it", "mezzanotte", "00:00"),
        ("it", "alle otto di sera", "20:00"),
        ("it", "vorrei una prenotazione alle tre del pomeriggio", "15:00"),
        ("it", "1530", "15:30"),
        ("it", "alle venticinque", None),
        ("it", "quando volete", None),
        ("it", "dalle nove alle dieci", None),
        ("it", "alle ore 18", "18:00"),
        ("en", "at half three", "03:30"),
        ("en", "half past three", "03:30"),
        ("en", "quarter to four", "03:45"),
        ("en", "ten to one", "12:50"),
        ("en", "three thirty p.m.", "15:30"),
        ("en", "3:30pm", "15:30"),
        ("en", "nine o'clock", "09:00"),
        ("en", "fifteen hundred hours", "15:00"),
        ("en", "midnight", "00:00"),
        ("ko", "오후 세 시 반", "15:30"),
        ("ko", "열다섯 시 삼십 분", "15:30"),
        ("ko", "오후 세시 십분 전이요", "14:50"),
        ("ko", "정오", "12:00"),
        ("ko", "15:30", "15:30"),
    ],
)
def test_times(code: str, said_: str, meant: str | None) -> None:
    heard = hear_time(said_, code)
    assert (heard and heard.strftime("%H:%M")) == meant


def test_opening_hours_tell_morning_from_afternoon() -> None:
    assert hear_time("alle tre e mezza", "it", time(9), time(19)) == time(15, 30)
    assert hear_time("alle dieci", "it", time(9), time(19)) == time(10)
    assert hear_time("alle tre di mattina", "it", time(9), time(19)) == time(3)


@pytest.mark.parametrize(
    ("code", "said_", "meant"),
    [
        ("it", "venti euro e cinquanta", "20.50 EUR"),
        ("it", "venti euro e cinque centesimi", "20.05 EUR"),
        ("it", "€ 1.200,50", "1200.50 EUR"),
        ("it", "20,50€", "20.50 EUR"),
        ("it", "20 euro e 50.", "20.50 EUR"),
        ("it", "venti virgola cinquanta", "20.50 EUR"),
        ("it", "milleduecento euro", "1200.00 EUR"),
        ("it", "un euro e venti", "1.20 EUR"),
        ("it", "due euro e mezzo", "2.50 EUR"),
        ("it", "cinquanta centesimi", "0.50 EUR"),
        ("it", "tanti soldi", None),
        ("en", "twelve pounds fifty", "12.50 GBP"),
        ("en", "a pound twenty", "1.20 GBP"),
        ("en", "$1,200.00", "1200.00 USD"),
        ("ko", "만 오천 원", "15000 KRW"),
        ("ko", "만오천원이요", "15000 KRW"),
        ("ko", "1만 5천 원", "15000 KRW"),
        ("ko", "15,000원", "15000 KRW"),
    ],
)
def test_amounts(code: str, said_: str, meant: str | None) -> None:
    heard = hear_money(said_, code)
    assert (None if heard is None else str(heard)) == meant


@pytest.mark.parametrize(
    ("code", "said_", "meant"),
    [
        ("it", "mario punto rossi chiocciola esempio punto it", "mario.rossi@esempio.it"),
        ("it", "La mia mail è mario.rossi@esempio.it.", "mario.rossi@esempio.it"),
        ("it", "Mario Rossi, chiocciola gi mail punto com", "mariorossi@gmail.com"),
        ("it", "emme a erre i o punto rossi chiocciola libero punto it", "mario.rossi@libero.it"),
        ("it", "emme come Milano, a come Ancona, chiocciola esempio punto it", "ma@esempio.it"),
        ("it", "mario trattino basso rossi ottantaquattro chiocciola esempio. it", "mario_rossi84@esempio.it"),
        ("it", "non ce l'ho", None),
        ("en", "my email is john dot smith at example dot com", "john.smith@example.com"),
        ("en", "John underscore Smith one two at gmail.com", "john_smith12@gmail.com"),
        ("en", "meet me at the shop", None),
        ("ko", "kim 골뱅이 네이버 점 컴", "kim@naver.com"),
        ("ko", "에이비씨 골뱅이 지메일 닷컴", "abc@gmail.com"),
    ],
)
def test_email_addresses(code: str, said_: str, meant: str | None) -> None:
    assert hear_email(said_, code) == meant


@pytest.mark.parametrize(
    ("code", "said_", "meant"),
    [
        ("it", "A come Ancona, B come Bologna, tre quattro", "AB34"),
        ("it", "vu doppia vu uno", "VW1"),
        ("it", "vu doppia, vu, uno", "VW1"),
        ("it", "doppia vu vu uno", "WV1"),
        ("it", "a bi ci uno doppio due", "ABC122"),
        ("it", "doppia vu emme erre", "WMR"),
        ("it", "Il codice è AB 1234.", "AB1234"),
        ("it", "di come Bologna", "B"),
        ("it", "vorrei un reso", None),
        ("en", "A as in Alpha, B for Bravo, seven", "AB7"),
        ("en", "bravo charlie three oh two", "BC302"),
        ("ko", "에이비 삼사", "AB34"),
    ],
)
def test_spelled_codes(code: str, said_: str, meant: str | None) -> None:
    assert hear_letters(said_, code) == meant


# ------------------------------------------------------------------------------- what the bot says, it understands
@given(st.one_of(st.integers(0, 9_999), st.integers(0, 999_999_999)), CODES)
def test_every_number_is_heard_as_it_is_said(number: int, code: str) -> None:
    assert hear_number(cardinal(number, code), code) == number


@given(st.text("0123456789", min_size=1, max_size=16), CODES)
def test_every_code_is_heard_as_it_is_said(digits: str, code: str) -> None:
    assert "".join(hear_digits(digits_said(digits, code), code).digits) == digits


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), CODES, st.dates(date(2020, 1, 1), date(2060, 1, 1)))
def test_every_date_is_heard_as_it_is_said(day: date, code: str, today: date) -> None:
    assert hear_date(whole_date_said(day, code), code, today) == day


@pytest.mark.parametrize("code", known_languages())
def test_every_time_is_heard_as_it_is_said(code: str) -> None:
    for minute in range(1440):
        at = time(minute // 60, minute % 60)
        assert hear_time(time_said(at, code), code) == at, time_said(at, code)


@given(st.integers(0, 99_999_999), CODES)
def test_every_amount_is_heard_as_it_is_said(hundredths: int, code: str) -> None:
    currency = values(code).money.currency
    amount = Decimal(hundredths) if currency == "KRW" else Decimal(hundredths) / 100
    heard = hear_money(money_said(amount, currency, code), code)
    assert heard is not None
    assert (heard.value, heard.currency) == (amount, currency)


_SYLLABLE = st.sampled_from(["ba", "re", "mi", "ro", "ta", "lu", "ni", "co", "ver", "san", "gu"])
_NAMES = st.lists(_SYLLABLE, min_size=2, max_size=4).map("".join)


@given(
    st.lists(_NAMES, min_size=1, max_size=3),
    st.sampled_from("._-"),
    st.text("0123456789", max_size=4),
    _NAMES,
    st.sampled_from(["it", "com", "org", "co.uk"]),
    CODES,
)
def test_every_address_is_heard_as_it_is_said(
    names: list[str], sign: str, digits: str, host: str, top: str, code: str
) -> None:
    assume(not any(hear_digits(name, code).digits for name in (*names, host)))
    address = f"{sign.join(names)}{digits}@{host}.{top}"
    assert hear_email(email_said(address, code), code) == address
    assert hear_email(said(address, code), code) == address
    assert hear_email(address, code) == address


@given(st.text("ABCDFGHKLMNPQRSTVWXYZ", min_size=2, max_size=4), st.text("123456789", min_size=3, max_size=6), CODES)
@example("CD", "511", "it")  # "ci di cinque…" is no C as in cinque
def test_every_order_code_is_heard_as_it_is_said(letters: str, digits: str, code: str) -> None:
    assert hear_letters(said(f"{letters}-{digits}", code), code) == letters + digits


@given(st.text(max_size=120), CODES)
def test_no_text_breaks_the_ear(text: str, code: str) -> None:
    hear_date(text, code, SUNDAY)
    hear_time(text, code)
    hear_money(text, code)
    hear_email(text, code)
    hear_letters(text, code)


# ----------------------------------------------------------------------------------------------------------- as slots
@pytest.mark.parametrize("code", known_languages())
@pytest.mark.parametrize(
    ("slot", "value"),
    [
        (DateSlot(type="date"), "2027-03-01"),
        (TimeSlot(type="time"), "15:05"),
        (MoneySlot(type="money", currency="EUR"), "1234.50 EUR"),
        (EmailSlot(type="email"), "mario.rossi@esempio.it"),
    ],
)
def test_what_a_slot_reads_back_means_its_value(code: str, slot: Slot, value: str) -> None:
    written = slot.spoken(value, code)
    assert slot.hear_on(SUNDAY, written, "", code).value == value
    assert slot.hear_on(SUNDAY, said(written, code), "", code).value == value


def test_slots_by_keys() -> None:
    keys = {"date": "25122026", "time": "0930", "money": "20#"}
    slots: dict[str, Slot] = {
        "date": DateSlot(type="date"),
        "time": TimeSlot(type="time"),
        "money": MoneySlot(type="money"),
    }
    for name, value in {"date": "2026-12-25", "time": "09:30", "money": "20.00 EUR"}.items():
        so_far = ""
        for key in keys[name]:
            hearing = slots[name].press(key, so_far)
            so_far = hearing.so_far
        assert hearing.value == value


def test_slots_refuse_what_is_out_of_range() -> None:
    assert TimeSlot(type="time", earliest=time(9), latest=time(19)).hear("alle venti", "", "it").value is None
    assert MoneySlot(type="money", max=Decimal(100)).hear("duecento euro", "", "it").value is None
    assert DateSlot(type="date").hear("domani", "", "it").value is None  # nobody told the day
    assert str(Amount(Decimal("20.50"), "EUR")) == "20.50 EUR"


def test_free_text_is_kept_as_said_or_spelled() -> None:
    slot = TextSlot(type="text")
    assert slot.hear("Mario Rossi.", "", "it").value == "Mario Rossi"
    assert slot.hear("erre come Roma, o, esse, esse, i", "", "it").value == "Rossi"
    assert slot.hear(" … ", "", "it").value is None


@given(st.dates(date(2020, 1, 1), date(2060, 1, 1)), st.integers(1, 60))
def test_spans_count_days(today: date, days: int) -> None:
    assert hear_date(f"tra {cardinal(days, 'it')} giorni", "it", today) == today + timedelta(days)
    assert hear_date(f"{cardinal(days, 'en')} days ago", "en", today) == today - timedelta(days)
    assert hear_date(f"{cardinal(days, 'ko')} 일 후", "ko", today) == today + timedelta(days)


BOOK = """
flowbook: 1
id: visits
languages: {default: it}
start: main
disclosure: hello
queues: {desk: {}}
repair:
  no_input: [{say: sorry}, {say: sorry, handoff: desk}]
  no_match: [{say: sorry}, {say: sorry, handoff: desk}]
  call_budget: 6
always:
  operator: {handoff: desk, say: sorry}
flows:
  main:
    - fill:
        giorno: {type: date, confirm: explicit}
        ora: {type: time, earliest: "09:00", latest: "19:00"}
        mail: {type: email}
    - say: done
    - end: answered
texts:
  hello: {it: Buongiorno.}
  sorry: {it: Mi scusi.}
  failure: {it: Un guasto.}
  hearing_lost: {it: "Può ripetere?"}
  queue_place: {it: "Posto {place}."}
  nobody_available: {it: Nessuno.}
  ask_giorno: {it: "Che giorno?"}
  confirm_giorno: {it: "Il {giorno}, giusto?"}
  ask_ora: {it: "A che ora?"}
  ask_mail: {it: "La sua mail?"}
  done: {it: 'Il {giorno} alle {ora}, <break time="1s"/> scriveremo a {mail}.'}
"""


def test_a_call_that_asks_for_values() -> None:
    book = read_flowbook(BOOK, markup_fault=fault)
    state = engine.start(book, "it")
    said_ = ""
    events = [
        CallStarted(0, "line", "it", day="2026-11-22"),
        CallerSaid(1, "Martedì prossimo"),
        CallerSaid(2, "sì"),
        CallerSaid(3, "alle tre e mezza"),
        CallerSaid(4, "mario punto rossi chiocciola esempio punto it"),
    ]
    for event in events:
        state, actions = engine.step(book, state, event)
        said_ = " ".join(action.text for action in actions if isinstance(action, Say))
    assert dict(state.slots) == {"giorno": "2026-11-24", "ora": "15:30", "mail": "mario.rossi@esempio.it"}
    assert said_ == 'Il 24 novembre 2026 alle 15:30, <break time="1s"/> scriveremo a mario.rossi@esempio.it.'


def test_wrong_tags_are_told_with_their_line() -> None:
    with pytest.raises(FlowbookErrors, match=r"flowbook.yaml:\d+:\d+: texts.hello.it: <b> is not understood") as told:
        read_flowbook(BOOK.replace("Buongiorno.", "'<b>Buongiorno</b>'"), markup_fault=fault)
    assert "break" in str(told.value)
