"""Operators are suggested what the bot itself would find; nobody else asks, and nobody asks without end."""

from __future__ import annotations

import threading
from typing import Any

from console.app import SEARCHES_IN_A_MINUTE
from knowledge import KnowledgeBase
from knowledge.articles import Article

ASKED = {"text": "a che ora aprite domani?", "language": "it"}


def knowledge() -> KnowledgeBase:
    def article(name: str, title: str, spoken: str, *phrasings: str, sensitive: bool = False) -> Article:
        return Article(
            id=name, title={"it": title}, phrasings={"it": phrasings}, spoken={"it": spoken},
            sensitive=sensitive,
        )  # fmt: skip

    ours = [
        article("orari", "gli orari", "Siamo aperti dalle nove.", "a che ora aprite", "quando siete aperti"),
        article("posti", "il parcheggio", "In piazza.", "dove posso parcheggiare", sensitive=True),
    ]
    return KnowledgeBase({one.id: one for one in ours}, None)


async def test_an_operator_gets_the_answer_that_the_bot_would_give_with_its_text(house_of: Any) -> None:
    found = knowledge()
    house = house_of(knowledge=lambda: found)
    assert (await house.browser().post("/api/articles-suggested", json=ASKED)).status_code == 401
    _, stranger = await house.member("paola", "sysadmin")
    assert (await stranger.post("/api/articles-suggested", json=ASKED)).status_code == 403
    _, operator = await house.member("olga", "operator")
    answer = (await operator.post("/api/articles-suggested", json=ASKED)).json()
    first = answer["articles"][0]
    assert (answer["band"], first["article"], first["spoken"]) == ("answer", "orari", "Siamo aperti dalle nove.")
    answer = (await operator.post("/api/articles-suggested", json={**ASKED, "text": "dove posso parcheggiare"})).json()
    assert (answer["articles"][0]["article"], answer["articles"][0]["sensitive"]) == ("posti", True)
    answer = (await operator.post("/api/articles-suggested", json={**ASKED, "text": "zzz"})).json()
    assert answer["band"] == "reject"
    for wrong in ({"text": ""}, {"text": "x" * 501}, {"language": "../it"}, {"more": 1}):
        assert (await operator.post("/api/articles-suggested", json={**ASKED, **wrong})).status_code == 422


async def test_searches_are_limited_for_each_account_and_leave_the_loop_alone(house_of: Any, clock: Any) -> None:
    found = knowledge()
    threads: set[int] = set()

    def served() -> KnowledgeBase:
        return Watched()

    class Watched(KnowledgeBase):
        def __init__(self) -> None:
            pass

        def search(self, *asked: Any, **more: Any) -> Any:
            threads.add(threading.get_ident())
            return found.search(*asked, **more)

    house = house_of(knowledge=served)
    _, operator = await house.member("olga", "operator")
    for _ in range(SEARCHES_IN_A_MINUTE):
        assert (await operator.post("/api/articles-suggested", json=ASKED)).status_code == 200
    refused = await operator.post("/api/articles-suggested", json=ASKED)
    assert (refused.status_code, refused.json()["detail"]["code"]) == (429, "too_many_searches")
    _, other = await house.member("ugo", "operator")
    assert (await other.post("/api/articles-suggested", json=ASKED)).status_code == 200
    clock.pass_by(61)
    assert (await operator.post("/api/articles-suggested", json=ASKED)).status_code == 200
    assert threading.get_ident() not in threads
