"""Settings of what calls have done elsewhere: which hosts flowbooks may ask, who sends their messages."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from telephony.errands import Allowed, Errands, MailGateway, SmsGateway

_Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+(:\d{1,5})?$")]
_Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ErrandSettings(_Section):
    """`[errands]`: hosts: that `call` steps may ask, "crm.example.org" or "crm.example.org:8443". inside: the same, for
    hosts in a private network or on this machine. variables: of the environment, that {env.NAME} may name."""

    hosts: tuple[_Host, ...] = ()
    inside: tuple[_Host, ...] = ()
    variables: tuple[_Variable, ...] = ()


class SmsSettings(_Section):
    """`[messages.sms]`: url gets {"to", "text", "from", "id"} as JSON; token: sent as a bearer token."""

    url: str = Field(pattern=r"^https?://")
    token: SecretStr = SecretStr("")
    sender: str = ""


class MailSettings(_Section):
    """`[messages.mail]`: an SMTP server."""

    host: str
    sender: str = Field(pattern=r"@")
    port: int = Field(default=587, ge=1, le=65535)
    starttls: bool = True
    username: str = ""
    password: SecretStr = SecretStr("")


class MessageSettings(_Section):
    sms: SmsSettings | None = None
    mail: MailSettings | None = None


def errands_of(errands: ErrandSettings, messages: MessageSettings) -> Errands:
    """What calls of a server with these settings have done elsewhere."""
    allowed = Allowed(frozenset(errands.hosts), frozenset(errands.inside), frozenset(errands.variables))
    sms, mail = messages.sms, messages.mail
    return Errands(
        allowed,
        SmsGateway(sms.url, sms.token.get_secret_value(), sms.sender) if sms else None,
        MailGateway(
            mail.host, mail.sender, mail.port, mail.starttls, mail.username, mail.password.get_secret_value()
        ) if mail else None,
    )  # fmt: skip
