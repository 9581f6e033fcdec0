"""What our jambonz makes of an application's verbs."""

import copy

import pytest

from centralino.calling.jambonz_verbs import BadVerbs, parse

LISTEN = {
    "verb": "listen", "url": "wss://a.example/m", "passDtmf": True, "sampleRate": 16000,
    "bidirectionalAudio": {"enabled": True, "streaming": True, "sampleRate": 16000},
}  # fmt: skip


def test_a_call_that_is_streamed_and_what_comes_after_it():
    target = [{"type": "phone", "number": "+39051"}]
    plan = parse([LISTEN, {"verb": "dial", "target": target}, {"verb": "hangup"}])
    assert plan.listen == LISTEN
    assert plan.others == ("dial +39051", "hangup")


def test_a_call_that_is_not_streamed():
    plan = parse([{"verb": "sip:decline", "status": 404}])
    assert (plan.listen, plan.others) == (None, ("sip:decline 404",))


@pytest.mark.parametrize(
    ("verbs", "says"),
    [
        ({}, "array"),
        ([], "array"),
        ([{"verb": "sing"}], "no verb"),
        (["hangup"], "no verb"),
        ([{"verb": "listen"}], "without url"),
        ([{"verb": "dial", "target": "+39"}], "property target"),
        ([{**LISTEN, "url": "https://a.example"}], "no address of a websocket"),
        ([{**LISTEN, "passDtmf": False}], "passDtmf"),
        ([{**LISTEN, "sampleRate": 44100}], "sampleRate"),
        ([{**LISTEN, "bidirectionalAudio": {"enabled": True}}], "none can be heard"),
        ([{**LISTEN, "colour": "red"}], "property colour"),
    ],
)
def test_what_jambonz_would_not_do(verbs, says):
    with pytest.raises(BadVerbs, match=says):
        parse(copy.deepcopy(verbs))
