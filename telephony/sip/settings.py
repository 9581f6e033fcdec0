"""What the SIP port is told: `[doors.sip]`."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr, model_validator


class SipUnavailable(RuntimeError):
    """The port cannot be opened: the extra `sip` is not installed, or the address is taken. Says what to do."""


def _ip(value: str) -> str:
    if value:
        ip_address(value)
    return value


Ip = Annotated[str, AfterValidator(_ip)]


class SipAccount(BaseModel):
    """One registration at a PBX or a trunk. Calls that come from its address are taken without a password."""

    model_config = ConfigDict(extra="forbid")

    registrar: str = Field(pattern=r"^[A-Za-z0-9.\-]+(:\d{1,5})?$", description="Host or host:port.")
    user: str = Field(min_length=1, max_length=64, pattern=r"^[^\s@<>\"]+$")
    password: SecretStr
    auth_user: str = Field(default="", description="Where it is another name than `user`.")
    domain: str = Field(default="", description="Of the address user@domain; '' = the registrar's host.")
    line: str = Field(default="", description="Takes calls to `user`; '' = the line with the dialled number.")
    expires_s: int = Field(default=300, ge=60, le=3600)


class SipSettings(BaseModel):
    """`[doors.sip]`. Somebody has to be let in: by an account, a trusted network or a user."""

    model_config = ConfigDict(extra="forbid")

    host: Ip = Field(default="127.0.0.1", description="Address to listen on, for SIP and for sound.")
    port: int = Field(default=5060, ge=0, le=65_535, description="UDP; 0: any free one.")
    public_ip: Ip = Field(default="", description="Where far ends reach us, if a router stands in between.")
    first_rtp_port: int = Field(default=10_000, ge=1024, le=65_534, description="Of the range for sound.")
    last_rtp_port: int = Field(default=10_399, ge=1025, le=65_535, description="Two ports a call.")
    accounts: list[SipAccount] = Field(default_factory=list)
    trusted: list[IPvAnyNetwork] = Field(
        default_factory=list, description="Addresses and networks that may call without a password."
    )
    users: dict[str, SecretStr] = Field(default_factory=dict, description="Names and passwords of softphones.")
    realm: str = Field(default="centralino", pattern=r"^[^\"\\]{1,64}$", description="Shown to those users.")
    codecs: list[Literal["G722", "PCMA", "PCMU"]] = Field(
        default=["G722", "PCMA", "PCMU"], min_length=1, description="That are taken, the best first."
    )
    silence_s: float = Field(
        default=60.0, ge=0, le=3600, description="Without sound for so long a call is over; 0: never."
    )

    @model_validator(mode="after")
    def _somebody_may_call(self) -> SipSettings:
        if not (self.accounts or self.trusted or self.users):
            raise ValueError("nobody could call: add accounts, trusted or users")
        if self.last_rtp_port - self.first_rtp_port < 1 + self.first_rtp_port % 2:
            raise ValueError("first_rtp_port to last_rtp_port must hold an even port and the one after it")
        return self
