"""The `[retention]` section of the settings."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from history.privacy.retention import Clocks, Retention


class ChannelRetention(BaseModel):
    """Days after an interaction's end; without a number it is kept until somebody deletes it."""

    model_config = ConfigDict(extra="forbid")

    audio_days: int | None = Field(default=None, ge=1, le=36_500)
    transcript_days: int | None = Field(default=None, ge=1, le=36_500)
    facts_days: int | None = Field(default=None, ge=1, le=36_500)

    @model_validator(mode="after")
    def _facts_last(self) -> ChannelRetention:
        for name, days in (("audio_days", self.audio_days), ("transcript_days", self.transcript_days)):
            if self.facts_days is not None and days is not None and days > self.facts_days:
                raise ValueError(f"facts_days is {self.facts_days}, less than {name}, {days}: with the facts all goes")
        return self

    def clocks(self) -> Clocks:
        return Clocks(self.audio_days, self.transcript_days, self.facts_days)


class RetentionSettings(ChannelRetention):
    """The numbers of every channel, and of those that differ."""

    channels: dict[str, ChannelRetention] = Field(default_factory=dict)

    def retention(self) -> Retention:
        return Retention(self.clocks(), {name: one.clocks() for name, one in self.channels.items()})
