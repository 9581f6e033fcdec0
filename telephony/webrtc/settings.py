"""What operators' WebRTC is told: `[webrtc]`."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator


def _ip(value: str) -> str:
    if value:
        ip_address(value)
    return value


Ip = Annotated[str, AfterValidator(_ip)]
IceUrl = Annotated[str, Field(pattern=r"^(stuns?|turns?):[^\s]{1,250}$")]


class IceServer(BaseModel):
    """A STUN or TURN server that operators' browsers use. Its credential is told to every operator: give it a short
    life, or a user of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    urls: list[IceUrl] = Field(min_length=1, max_length=8)
    username: str = Field(default="", max_length=256)
    credential: SecretStr = SecretStr("")


class WebrtcSettings(BaseModel):
    """`[webrtc]`: whether operators' voices go over WebRTC, and where its UDP ports are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Literal["off", "prefer"] = Field(default="off", description="prefer: with the websocket to fall back on.")
    addresses: list[Ip] = Field(
        default_factory=list, max_length=8, description="To be reached at; none: all of the machine but loopback."
    )
    public_ip: Ip = Field(default="", description="Where browsers reach them, if a router stands in between.")
    first_port: int = Field(default=10_400, ge=1024, le=65_535, description="Of the range for sound, UDP.")
    last_port: int = Field(default=10_599, ge=1024, le=65_535, description="One port a call and address.")
    ice_servers: list[IceServer] = Field(default_factory=list, max_length=8, description="For browsers; usually none.")

    @model_validator(mode="after")
    def _ports_in_order(self) -> Self:
        if self.last_port < self.first_port:
            raise ValueError("last_port must not be below first_port")
        return self
