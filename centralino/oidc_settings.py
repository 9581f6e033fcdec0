"""Settings of the sign-in with accounts that live elsewhere."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from console.oidc import Provider
from console.roles import Role


class OidcSettings(BaseModel):
    """`[oidc]`: issuer: the provider's address, exactly as its tokens write it. client_secret: better in
    CENTRALINO_OIDC__CLIENT_SECRET. `[oidc.roles]`: the roles of each group, `centralinisti = ["operator"]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(pattern=r"^https?://[^\s]+$")
    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    roles: dict[str, list[Role]]
    title: str = Field(default="OpenID Connect", max_length=40)
    groups_claim: str = "groups"
    name_claim: str = "preferred_username"
    scope: str = "openid profile email"

    @field_validator("issuer")
    @classmethod
    def _encrypted(cls, issuer: str) -> str:
        inside = ("http://127.0.0.1", "http://localhost", "http://[::1]")
        if not issuer.startswith(("https://", *inside)):
            raise ValueError("must start with https:// (http:// on this machine only)")
        return issuer

    def provider(self) -> Provider:
        return Provider(
            self.issuer, self.client_id, self.client_secret.get_secret_value(), self.roles, self.title,
            self.groups_claim, self.name_claim, self.scope,
        )  # fmt: skip
