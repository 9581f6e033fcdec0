"""What a far end of ours needs to know to call at a door: the server's own settings of it."""

from __future__ import annotations

from pydantic import SecretStr

from centralino.settings import Settings


def door_secrets(settings: Settings, door: str) -> dict[str, str]:
    """The settings of this door by their names, and, as `door.name`, of the others."""
    if door == "twilio":
        return {"auth_token": settings.auth_token()}
    found: dict[str, str] = {}
    for other in type(settings.doors).model_fields:
        section = getattr(settings.doors, other)
        for name in type(section).model_fields if section else ():
            value = getattr(section, name)
            plain = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            found[f"{other}.{name}"] = plain
            if other == door:
                found[name] = plain
    return found
