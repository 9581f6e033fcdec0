"""What Twilio signs, and what we answer."""

from xml.etree import ElementTree as xml

import pytest

from telephony.protocols import twiml
from telephony.protocols.twilio_webhook import signature, signed_by_twilio, status
from telephony.remembered import CarrierStatus

# The example of Twilio's page "Validating requests", and of its own libraries' tests.
TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FIELDS = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
SIGNED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_the_published_example() -> None:
    assert signature(TOKEN, URL, FIELDS) == SIGNED
    assert signed_by_twilio(TOKEN, URL, FIELDS, SIGNED)


def test_fields_are_signed_in_the_order_of_their_names() -> None:
    assert signature(TOKEN, URL, dict(reversed(FIELDS.items()))) == SIGNED


@pytest.mark.parametrize("port", [":443", ":1234"])
def test_twilio_signs_without_the_port(port: str) -> None:
    assert signed_by_twilio(TOKEN, URL.replace(".com", ".com" + port), FIELDS, SIGNED)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("https://a.example/x", "https://a.example:443/x"),
        ("http://a.example/x", "http://a.example:80/x"),
        ("wss://a.example/twilio/media", "wss://a.example:443/twilio/media"),
        ("ws://127.0.0.1:8080/twilio/media", "ws://127.0.0.1:8080/twilio/media"),
        ("wss://[2001:db8::1]/twilio/media", "wss://[2001:db8::1]:443/twilio/media"),
        ("wss://[2001:db8::1]:8443/twilio/media", "wss://[2001:db8::1]/twilio/media"),
    ],
)
def test_twilio_signs_with_or_without_the_port(ours: str, theirs: str) -> None:
    assert signed_by_twilio(TOKEN, ours, {}, signature(TOKEN, theirs, {}))


@pytest.mark.parametrize(
    ("token", "url", "fields", "given"),
    [
        ("12346", URL, FIELDS, SIGNED),
        (TOKEN, URL + "3", FIELDS, SIGNED),
        (TOKEN, URL.replace("https", "http"), FIELDS, SIGNED),
        (TOKEN, URL.replace("mycompany", "yourcompany"), FIELDS, SIGNED),
        (TOKEN, URL, FIELDS | {"From": "+14158675310"}, SIGNED),
        (TOKEN, URL, FIELDS | {"Extra": ""}, SIGNED),
        (TOKEN, URL, {}, SIGNED),
        (TOKEN, URL, FIELDS, ""),
        (TOKEN, URL, FIELDS, SIGNED.lower()),
        (TOKEN, URL, FIELDS, SIGNED + "="),
        (TOKEN, URL, FIELDS, "è\ud800"),
    ],
)
def test_what_was_tampered_with_is_refused(token: str, url: str, fields: dict[str, str], given: str) -> None:
    assert not signed_by_twilio(token, url, fields, given)


def test_the_socket_is_signed_over_its_own_address() -> None:
    given = signature(TOKEN, "wss://bot.example/twilio/media", {})
    assert signed_by_twilio(TOKEN, "wss://bot.example/twilio/media", {}, given)
    assert not signed_by_twilio(TOKEN, "https://bot.example/twilio/media", {}, given)


def test_a_call_is_connected_with_its_token() -> None:
    response = xml.fromstring(
        twiml.connect("wss://bot.example/twilio/media", "https://bot.example/twilio/after", token="t<&>")
    )
    (connect,) = response
    (stream,) = connect
    (parameter,) = stream
    assert (response.tag, connect.tag, stream.tag, parameter.tag) == ("Response", "Connect", "Stream", "Parameter")
    assert connect.attrib == {"action": "https://bot.example/twilio/after"}
    assert stream.attrib == {"url": "wss://bot.example/twilio/media"}
    assert parameter.attrib == {"name": "token", "value": "t<&>"}


def test_where_no_action_is_asked_the_next_verb_asks_what_comes_after() -> None:
    connect, redirect = xml.fromstring(
        twiml.connect("wss://b.example/m", "https://b.example/after", asks_action=False, codec="PCMU")
    )
    assert (connect.attrib, len(connect[0])) == ({}, 0)
    assert connect[0].attrib == {"url": "wss://b.example/m", "codec": "PCMU"}
    assert (redirect.tag, redirect.attrib, redirect.text) == ("Redirect", {"method": "POST"}, "https://b.example/after")


def test_a_call_that_cannot_be_taken_goes_to_a_human() -> None:
    (dial,) = xml.fromstring(twiml.refuse("+390212345", "Ci scusiamo.", "it-IT"))
    assert (dial.tag, dial.text) == ("Dial", "+390212345")


def test_or_hears_an_apology_where_there_is_none() -> None:
    say, hang_up = xml.fromstring(twiml.refuse("", "Ci scusiamo, è tardi.", "it-IT"))
    assert (say.tag, say.attrib, say.text) == ("Say", {"language": "it-IT"}, "Ci scusiamo, è tardi.")
    assert hang_up.tag == "Hangup"


def test_hanging_up_and_rejecting() -> None:
    assert [part.tag for part in xml.fromstring(twiml.hang_up())] == ["Hangup"]
    (reject,) = xml.fromstring(twiml.reject())
    assert (reject.tag, reject.attrib) == ("Reject", {"reason": "rejected"})
    assert twiml.reject().startswith('<?xml version="1.0" encoding="UTF-8"?><Response>')


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"StreamEvent": "stream-started"}, CarrierStatus("stream", "stream-started")),
        (
            {"StreamEvent": "stream-error", "StreamError": "31920: handshake", "CallStatus": "in-progress"},
            CarrierStatus("stream", "stream-error", "31920: handshake"),
        ),
        ({"CallStatus": "in-progress"}, CarrierStatus("call", "in-progress")),
        ({"CallStatus": "completed"}, CarrierStatus("call", "completed", over=True)),
        ({"CallStatus": "failed", "SipResponseCode": "487"}, CarrierStatus("call", "failed", "SIP 487", over=True)),
        ({}, CarrierStatus("call", "")),
    ],
)
def test_what_a_status_callback_says(fields: dict[str, str], said: CarrierStatus) -> None:
    assert status(fields) == said
