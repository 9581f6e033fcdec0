"""Settings: a TOML file and the environment, the environment winning.

The file is `centralino.toml` in the working folder or the one that CENTRALINO_CONFIG names; every setting is also an
environment variable CENTRALINO_<NAME>. All have defaults that run the sample company on one machine.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_cache_dir, user_data_dir
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

import samples
from centralino.errand_settings import ErrandSettings, MessageSettings
from centralino.history_settings import HistorySettings
from centralino.oidc_settings import OidcSettings
from centralino.recording_keys import RecordingKeySettings
from centralino.retention_settings import RetentionSettings
from centralino.summary_settings import SummarySettings
from centralino.understanding_settings import UnderstandingSettings
from centralino.webhook_settings import WebhookSettings
from history import Database
from telephony.control.transfers import TransferSettings
from telephony.doors.registry import DoorSettings
from telephony.monitoring import MonitoringSettings
from telephony.operators.wrap_up import WrapUpSettings
from telephony.outbound.settings import OutboundSettings
from telephony.recording.sealing.key_store import KeyStore
from telephony.recording.shelf import Shelf
from telephony.webrtc.settings import WebrtcSettings


class SettingsError(ValueError):
    """The settings cannot be used; the message names the file, the setting and what to do."""


class Settings(BaseSettings):
    """Paths are made absolute; secrets never appear in logs."""

    model_config = SettingsConfigDict(env_prefix="CENTRALINO_", env_nested_delimiter="__", extra="forbid")

    company: Path = Field(
        default=Path(samples.__file__).parent / "bookshop",
        description="Folder of the company: company.toml (its lines), flowbook.yaml, articles/.",
    )
    data_dir: Path = Field(default=Path(user_data_dir("centralino")), description="History, accounts, secrets.")
    cache_dir: Path = Field(default=Path(user_cache_dir("centralino")), description="Models and rendered prompts.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8080, ge=1, le=65535)
    public_url: str = Field(default="", description="Address under which phone systems reach this server, https://…")
    twilio_auth_token: SecretStr | None = Field(
        default=None, description="Twilio's; without one a random token is made, good for `centralino call` only."
    )
    history: HistorySettings = Field(default_factory=HistorySettings, description="Where the history is kept.")
    errands: ErrandSettings = Field(default_factory=ErrandSettings, description="What `call` steps may ask.")
    messages: MessageSettings = Field(default_factory=MessageSettings, description="Gateways of `message` steps.")
    doors: DoorSettings = Field(default_factory=DoorSettings, description="Further phone systems, a section each.")
    wrap_up: WrapUpSettings = Field(
        default_factory=WrapUpSettings,
        description="What operators say of a call behind it: codes, and how long it may take.",
    )
    monitoring: MonitoringSettings = Field(
        default_factory=MonitoringSettings,
        description="Whether supervisors may listen to operators' calls; without this section nobody may.",
    )
    webrtc: WebrtcSettings = Field(
        default_factory=WebrtcSettings,
        description="Operators' voices over WebRTC instead of their websocket; without this section none.",
    )
    transfers: TransferSettings = Field(
        default_factory=TransferSettings,
        description="Operators by phone, and whom callers may be put through to.",
    )
    outbound: OutboundSettings | None = Field(
        default=None, description="Calls that the server places by itself; without this section none."
    )
    webhooks: WebhookSettings = Field(
        default_factory=WebhookSettings, description="Which hosts inside may be told of events."
    )
    understanding: UnderstandingSettings = Field(
        default_factory=UnderstandingSettings, description="With which encoder sentences are compared."
    )
    summaries: SummarySettings | None = Field(
        default=None, description="A language model that sums up what is over; without this section none."
    )
    time_zone: str = Field(default="Europe/Rome", description="Of the company: the days and hours of its figures.")
    oidc: OidcSettings | None = Field(default=None, description="A provider that people may sign in with.")
    thread_days: int = Field(
        default=7,
        ge=0,
        le=90,
        description="How many days apart interactions about the same are one thread.",
    )
    retention: RetentionSettings = Field(
        default_factory=RetentionSettings, description="Days that sound, words and facts are kept, by channel."
    )
    recording_keys: RecordingKeySettings = Field(
        default_factory=RecordingKeySettings, description="The master key of recordings."
    )
    human_number: str = Field(default="", description="Number that takes the calls this server cannot.")
    browser_calls: Literal["anyone", "signed_in", "off"] = Field(
        default="anyone", description="Who may call from /call."
    )
    most_calls: int = Field(default=20, ge=1, le=10_000, description="Calls taken at once.")
    drain_s: float = Field(default=30.0, ge=0, description="How long running calls may finish on shutdown.")
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("company", "data_dir", "cache_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"there is no time zone {name!r}; write for instance Europe/Rome") from None
        return name

    @field_validator("public_url")
    @classmethod
    def _http(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must start with https:// (or http:// for tests on this machine)")
        return url.rstrip("/")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _SettingsFile(settings_cls, toml_file=config_file())

    @property
    def own_url(self) -> str:
        """Where this machine reaches the server."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 (compared, not bound)
        return f"http://{host}:{self.port}"

    @property
    def reached_at(self) -> str:
        return self.public_url or self.own_url

    @property
    def history_path(self) -> Path:
        """The history's file; with PostgreSQL only its lock, which says which server has the data folder."""
        return self.data_dir / "history.db"

    def history_database(self) -> Database:
        """Raises SettingsError when the database's password cannot be read."""
        try:
            return self.history.database(self.history_path)
        except (OSError, ValueError) as error:
            raise SettingsError(f"[history] password_file: {error}") from None

    @property
    def recordings_path(self) -> Path:
        return self.data_dir / "recordings"

    @property
    def recording_keys_path(self) -> Path:
        """The keys of recordings: of no use without the master key, as recordings are of none without these."""
        return self.data_dir / "recording_keys.db"

    def recordings(self) -> Shelf:
        """The recordings, with what opens them."""
        master = self.recording_keys.master(self.data_dir / "recording_master.key")
        return Shelf(self.recordings_path, KeyStore(self.recording_keys_path, master))

    @property
    def outbound_path(self) -> Path:
        """Campaigns, opt-outs, claims of call-backs."""
        return self.data_dir / "outbound.db"

    @property
    def accounts_path(self) -> Path:
        return self.data_dir / "accounts.db"

    @property
    def revisions_path(self) -> Path:
        """Drafts and revisions of flowbooks and articles, and who made them."""
        return self.data_dir / "revisions.db"

    @property
    def intents_path(self) -> Path:
        """Trained models of intents: made again when they are gone."""
        return self.cache_dir / "intents"

    @property
    def lines_path(self) -> Path:
        """What the running server tells of its lines and of the last reload."""
        return self.data_dir / "lines.json"

    def auth_token(self) -> str:
        """The configured Twilio token, or a random one kept in the data folder (readable by this user only)."""
        if self.twilio_auth_token:
            return self.twilio_auth_token.get_secret_value()
        path = self.data_dir / "local_twilio_token"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(24))
        return path.read_text().strip()


class _SettingsFile(TomlConfigSettingsSource):
    """The file, which must not hold the key of an endpoint: it is copied, shown and kept in version control."""

    def __call__(self) -> dict[str, Any]:
        told = super().__call__()
        section = told.get("summaries")
        if isinstance(section, dict) and "api_key" in section:
            raise SettingsError(
                f"settings ({config_file()}): [summaries] api_key does not belong into the file: set "
                "CENTRALINO_SUMMARIES__API_KEY, or name a file with it in api_key_file"
            )
        return told


def config_file() -> Path | None:
    """The TOML file in use, None without one. Raises SettingsError when CENTRALINO_CONFIG names a missing one."""
    named = os.environ.get("CENTRALINO_CONFIG")
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise SettingsError(f"CENTRALINO_CONFIG names {path}, which is not a file")
        return path
    path = Path("centralino.toml")
    return path if path.is_file() else None


def load_settings(**given: Any) -> Settings:
    """Read them; `given` wins over everything. Raises SettingsError."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        where = config_file() or "the environment"
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise SettingsError(f"settings ({where}): {faults}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"settings file {config_file()}: {error}") from None
