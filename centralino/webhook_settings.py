"""Settings of webhooks out."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class WebhookSettings(BaseModel):
    """`[webhooks]`: inside: hosts in a private network or on this machine that endpoints may be at, "crm.local" or
    "10.0.0.7:8080"; all others need a public address and https."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    inside: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+(:\d{1,5})?$")], ...] = ()
