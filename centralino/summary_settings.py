"""Settings of summaries by a language model."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from history.summaries.prompt import Asking
from history.summaries.queueing import Wanted

_Names = tuple[Annotated[str, Field(min_length=1, max_length=64)], ...]


class SummarySettings(BaseModel):
    """`[summaries]`: url: of an OpenAI-compatible API, without /chat/completions; https, or http for an address in a
    private network or on this machine. api_key: in CENTRALINO_SUMMARIES__API_KEY or api_key_file alone; none for a
    server that asks for none. language: of the summaries, '' for the conversation's own. channels, lines: what is
    summed up, lines () for all. days: how long ago it may have ended. at_once: requests. tokens_as: how the endpoint
    calls the limit of its answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(max_length=500)
    model: str = Field(min_length=1, max_length=200)
    api_key: SecretStr = SecretStr("")
    api_key_file: Path | None = None
    timeout_s: float = Field(default=60.0, gt=0, le=600)
    language: str = Field(default="", pattern=r"^([a-z]{2})?$")
    max_tokens: int = Field(default=300, ge=32, le=8192)
    tokens_as: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    channels: _Names = ("voice",)
    lines: _Names = ()
    days: float = Field(default=2.0, gt=0, le=30)
    at_once: int = Field(default=2, ge=1, le=16)

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError("is no URL; write for instance https://api.example.org/v1") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
            raise ValueError("must be https:// or http:// with a host, for instance http://127.0.0.1:8000/v1")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError("must have no user, query or fragment; the key is CENTRALINO_SUMMARIES__API_KEY")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if self.api_key.get_secret_value() and self.api_key_file is not None:
            raise ValueError("give api_key or api_key_file, one of them")
        return self

    def key_now(self) -> str:
        """Raises OSError when the file cannot be read, ValueError when no header can hold what is in it."""
        key = self.api_key.get_secret_value()
        if self.api_key_file is not None:
            key = self.api_key_file.expanduser().read_text(encoding="utf-8").strip()
        if not (key.isascii() and key.isprintable()):
            raise ValueError("the key of [summaries] has characters that a header cannot hold")
        return key

    def asking(self) -> Asking:
        return Asking(self.model, self.language, self.max_tokens, self.tokens_as)

    def wanted(self) -> Wanted:
        return Wanted(frozenset(self.channels), frozenset(self.lines), timedelta(days=self.days))
