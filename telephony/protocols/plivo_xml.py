"""The documents that answer a call's webhook, in Plivo's markup.

With `keepCallAlive` the elements behind `<Stream>` are done when the stream has ended (Plivo's reference of the audio
stream element; an older support page says that they are not done at all).
"""

from __future__ import annotations

from xml.etree import ElementTree as xml

from telephony.protocols.twiml import document, hang_up

__all__ = ["connect", "hang_up", "refuse", "reject"]


def connect(media_url: str, after_url: str, status_url: str, content_type: str) -> str:
    """Streams a call to the media server, then asks `after_url` what comes next."""
    response = xml.Element("Response")
    stream = xml.SubElement(
        response,
        "Stream",
        bidirectional="true",
        keepCallAlive="true",
        contentType=content_type,
        statusCallbackUrl=status_url,
    )
    stream.text = media_url
    xml.SubElement(response, "Redirect", method="POST").text = after_url
    return document(response)


def refuse(fallback_number: str, sorry: str, language: str) -> str:
    """For a call that this server cannot take or go on with: the human number, or an apology and a hang-up."""
    response = xml.Element("Response")
    if fallback_number:
        xml.SubElement(xml.SubElement(response, "Dial"), "Number").text = fallback_number.removeprefix("+")
    else:
        xml.SubElement(response, "Speak", language=language).text = sorry
        xml.SubElement(response, "Hangup")
    return document(response)


def reject() -> str:
    """For a number that is no line of ours."""
    response = xml.Element("Response")
    xml.SubElement(response, "Hangup", reason="rejected")
    return document(response)
