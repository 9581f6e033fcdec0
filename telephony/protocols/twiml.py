"""The documents that answer a call's webhook, in Twilio's markup and in what Telnyx and SignalWire made of it.

TeXML and cXML have the same verbs for what is needed here; `<Stream>` has attributes of its own in each, and only
Twilio's `<Connect>` asks an `action` when its stream is over: the others go on with the verbs behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as xml


def connect(media_url: str, after_url: str, *, token: str = "", asks_action: bool = True, **stream: str) -> str:
    """Connects a call to the media server. token: told at its start; stream: further attributes of `<Stream>`.

    When the socket closes, whoever closed it, the carrier asks `after_url` what comes next: a hang-up when the call was
    ended properly, else a human (`centralino` answers from the history). Should this server be dead by then, the
    carrier uses the number's fallback address: see the carrier's page in docs/.
    """
    response = xml.Element("Response")
    connecting = xml.SubElement(response, "Connect", {"action": after_url} if asks_action else {})
    streaming = xml.SubElement(connecting, "Stream", {"url": media_url, **stream})
    if token:
        xml.SubElement(streaming, "Parameter", name="token", value=token)
    if not asks_action:
        xml.SubElement(response, "Redirect", method="POST").text = after_url
    return document(response)


def stream_only(media_url: str, stream: Mapping[str, str], **parameters: str) -> str:
    """For a call of ours: its sound, and a hang-up when that is over. stream: further attributes of `<Stream>`."""
    response = xml.Element("Response")
    streaming = xml.SubElement(xml.SubElement(response, "Connect"), "Stream", {"url": media_url, **stream})
    for name, value in parameters.items():
        xml.SubElement(streaming, "Parameter", name=name, value=value)
    xml.SubElement(response, "Hangup")
    return document(response)


def refuse(fallback_number: str, sorry: str, language: str) -> str:
    """For a call that this server cannot take or go on with: the human number, or an apology and a hang-up."""
    response = xml.Element("Response")
    if fallback_number:
        xml.SubElement(response, "Dial").text = fallback_number
    else:
        xml.SubElement(response, "Say", language=language).text = sorry
        xml.SubElement(response, "Hangup")
    return document(response)


def hang_up() -> str:
    response = xml.Element("Response")
    xml.SubElement(response, "Hangup")
    return document(response)


def reject() -> str:
    """For a number that is no line of ours."""
    response = xml.Element("Response")
    xml.SubElement(response, "Reject", reason="rejected")
    return document(response)


def document(response: xml.Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>' + xml.tostring(response, encoding="unicode")
