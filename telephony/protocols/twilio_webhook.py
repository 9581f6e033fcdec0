"""What Twilio asks before the sound: its signature, and the TwiML that connects a call to the media server.

The signature is base64(HMAC-SHA1(auth token, url + every form field's name and value in order of the names)), header
`X-Twilio-Signature`; the websocket upgrade is signed the same way without fields, over its ws(s):// address
(Twilio's "Validating requests" page). Behind a proxy the url seen here is not the one Twilio used, so the
configured public address is what counts. Twilio sometimes signs with the port and sometimes without: both are tried.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit, urlunsplit
from xml.etree import ElementTree as xml

DEFAULT_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}


def signature(auth_token: str, url: str, fields: Mapping[str, str]) -> str:
    """What Twilio puts into `X-Twilio-Signature`."""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def _with_and_without_port(url: str) -> Iterator[str]:
    yield url
    parts = urlsplit(url)
    if parts.port is None:
        yield urlunsplit(parts._replace(netloc=f"{parts.netloc}:{DEFAULT_PORTS.get(parts.scheme, 443)}"))
    else:
        yield urlunsplit(parts._replace(netloc=parts.netloc.rpartition(":")[0]))


def signed_by_twilio(auth_token: str, url: str, fields: Mapping[str, str], given: str) -> bool:
    """Whether `given` is the signature of this request; compared in constant time."""
    matches = [
        hmac.compare_digest(signature(auth_token, candidate, fields).encode(), given.encode("utf-8", "replace"))
        for candidate in _with_and_without_port(url)
    ]
    return any(matches)


def connect(media_url: str, after_url: str, token: str) -> str:
    """TwiML that connects a call to the media server.

    When the socket closes, whoever closed it, Twilio asks `after_url` what comes next: a hang-up when the call was
    ended properly, else a human (`centralino` answers from the history). Should this server be dead by then, Twilio
    uses the number's Fallback URL: see docs/twilio.md.
    """
    response = xml.Element("Response")
    stream = xml.SubElement(xml.SubElement(response, "Connect", action=after_url), "Stream", url=media_url)
    xml.SubElement(stream, "Parameter", name="token", value=token)
    return _document(response)


def refuse(fallback_number: str, sorry: str, language: str) -> str:
    """TwiML for a call that this server cannot take or go on with: the human number, or an apology and a hang-up."""
    response = xml.Element("Response")
    _human(response, fallback_number, sorry, language)
    return _document(response)


def hang_up() -> str:
    response = xml.Element("Response")
    xml.SubElement(response, "Hangup")
    return _document(response)


def reject() -> str:
    """TwiML for a number that is no line of ours."""
    response = xml.Element("Response")
    xml.SubElement(response, "Reject", reason="rejected")
    return _document(response)


def _human(response: xml.Element, number: str, sorry: str, language: str) -> None:
    if number:
        xml.SubElement(response, "Dial").text = number
    else:
        xml.SubElement(response, "Say", language=language).text = sorry
        xml.SubElement(response, "Hangup")


def _document(response: xml.Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>' + xml.tostring(response, encoding="unicode")
