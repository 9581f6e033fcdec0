import pytest

from knowledge import Embedder, PhraseIndex, shared_embedder

INTENTS = {
    "order_status": {
        "it": [
            "dov'è il mio ordine",
            "a che punto è il mio ordine",
            "quando arriva il mio ordine",
            "stato dell'ordine",
        ],
        "en": ["where is my order", "order status"],
        "ko": ["주문 조회"],
    },
    "operator": {
        "it": ["mi passi un operatore", "vorrei parlare con una persona", "mi faccia parlare con qualcuno"],
        "en": ["i want to talk to a human", "operator please"],
        "ko": ["상담원"],
    },
    "goodbye": {"it": ["arrivederci", "no grazie basta così", "è tutto"], "en": ["goodbye", "that's all"]},
}


@pytest.fixture(scope="module", params=["with meaning", "by spelling"])
def index(request: pytest.FixtureRequest) -> PhraseIndex:
    embedder: Embedder | None = shared_embedder() if request.param == "with meaning" else None
    return PhraseIndex(INTENTS, embedder)


@pytest.mark.parametrize(
    ("said", "language", "intent"),
    [
        ("buongiorno senta volevo sapere a che punto è il mio ordine", "it", "order_status"),
        ("mi passa un operatore per favore", "it", "operator"),
        ("vorrei parlare con una perzona", "it", "operator"),
        ("can I talk to a human please", "en", "operator"),
        ("상담원", "ko", "operator"),
    ],
)
def test_what_is_meant_ranks_first(index: PhraseIndex, said: str, language: str, intent: str) -> None:
    ranking = index.rank(said, language)
    assert ranking[0][0] == intent
    assert index.band(ranking) == "answer"
    assert {name for name, _ in ranking} == set(INTENTS)
    assert [score for _, score in ranking] == sorted((score for _, score in ranking), reverse=True)
    assert all(0 <= score <= 1 for _, score in ranking)


@pytest.mark.parametrize(
    "said", ["che tempo fa domani a Napoli", "a che ora apre la farmacia", "non ho capito", "", "?!"]
)
def test_what_is_not_meant_is_rejected(index: PhraseIndex, said: str) -> None:
    assert index.band(index.rank(said, "it")) == "reject"


def test_a_phrasing_word_for_word_is_sure(index: PhraseIndex) -> None:
    assert index.rank("Dov'è il mio ordine?", "it")[0] == ("order_status", pytest.approx(1.0, abs=0.01))


def test_lines_named_outside_are_learned_as_such() -> None:
    articles = {"it": ["vorrei annullare il mio ordine", "come cancello il mio ordine", "posso disdire il mio ordine"]}
    alone = PhraseIndex(INTENTS, shared_embedder())
    beside = PhraseIndex(INTENTS, shared_embedder(), outside=articles)
    asked = "come faccio a disdire il mio ordine"
    assert dict(beside.rank(asked, "it"))["order_status"] < dict(alone.rank(asked, "it"))["order_status"]
    assert beside.rank("come cancello il mio ordine", "it") == ()


def test_two_names_may_not_share_a_phrasing() -> None:
    with pytest.raises(ValueError, match="'b' and 'a' share the phrasing 'Pronto, pane e latte'"):
        PhraseIndex({"a": {"it": ["pane e latte"]}, "b": {"it": ["Pronto, pane e latte"]}}, None)


def test_a_tiny_and_an_empty_index_still_work() -> None:
    tiny = PhraseIndex({"yes": {"it": ["certo"]}}, None)
    assert tiny.band(tiny.rank("certo", "it")) == "answer"
    assert tiny.band(tiny.rank("domani piove", "it")) == "reject"
    empty = PhraseIndex({}, None)
    assert empty.rank("certo", "it") == ()
    assert empty.band(()) == "reject"
