import pytest

from centralino.calling.twiml import BadTwiml, parse


def connect(url="wss://bot.example/media", inside="", attributes="", before="", after=""):
    stream = f'<Stream url="{url}">{inside}</Stream>'
    return f"<Response>{before}<Connect{attributes}>{stream}</Connect>{after}</Response>"


def test_a_stream_with_parameters_and_what_follows_it():
    plan = parse(
        '<?xml version="1.0" encoding="UTF-8"?>'
        + connect(
            inside='<Parameter name="token" value="a&amp;b"/>',
            attributes=' action="/after"',
            after="<Dial>+390200000000</Dial><Hangup/>",
        )
    )
    assert plan.stream_url == "wss://bot.example/media"
    assert plan.parameters == {"token": "a&b"}
    assert plan.action == "/after"
    assert [str(verb) for verb in plan.verbs] == ["Dial +390200000000", "Hangup"]


def test_a_refusal_has_no_stream():
    plan = parse('<Response><Reject reason="rejected"/></Response>')
    assert plan.stream_url == ""
    assert plan.verbs[0].attributes == {"reason": "rejected"}


def test_loopback_may_do_without_tls():
    assert parse(connect("ws://127.0.0.1:8080/media")).stream_url == "ws://127.0.0.1:8080/media"


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("nothing", "not XML"),
        ("<Answer/>", "begins with <Response>"),
        ("<Response><connect/></Response>", "case-sensitive"),
        (connect("ws://bot.example/media"), "wss:// only"),
        (connect("https://bot.example/media"), "wss:// only"),
        (connect("wss://bot.example/media?token=1"), "31920"),
        (connect(inside='<Parameter name="token"/>'), "Parameter"),
        (connect(inside="<Token/>"), "Parameter"),
        (connect(inside=f'<Parameter name="t" value="{"x" * 500}"/>'), "500 characters"),
        (connect(before="<Say>Hi</Say>"), "before <Connect>"),
        (connect(attributes=' status="x"'), "status"),
        ("<Response><Connect/></Response>", "exactly one <Stream>"),
        ('<Response><Connect><Stream url="wss://b/m" track="both_tracks"/></Connect></Response>', "inbound_track"),
        ('<Response><Connect><Stream url="wss://b/m" uri="x"/></Connect></Response>', "uri"),
        (f"<Response><Say>{'x' * 70_000}</Say></Response>", "bytes"),
    ],
)
def test_what_twilio_would_refuse_is_refused(document, says):
    with pytest.raises(BadTwiml, match=says):
        parse(document)
