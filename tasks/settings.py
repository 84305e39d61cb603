"""The settings: read once from the environment, cast, and refused at start-up if one is wrong.

Celery's settings are in `celeryconfig.py`. `STRIPE_SECRET_KEY` is not a setting: it is read on the
line that sends.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from stripe_flows.engine.errors import SettingsError

from .service_urls import (
    BROKER_VARIABLES,
    DEFAULT_REDIS,
    JOURNAL_SCHEMES,
    check_broker,
    is_journal_url,
)

PREFIX = "STRIPE_FLOWS_"
"""The beginning of all variables that are settings of this program alone."""


class Settings(BaseSettings):
    """All settings. Times are in seconds unless the name says otherwise.

    Make one with `Settings.read()`: it raises one `SettingsError` for all wrong variables.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        frozen=True,
        hide_input_in_errors=True,
        extra="ignore",
        allow_inf_nan=False,
    )

    redis_url: str = Field(default="", validation_alias="REDIS_URL")
    """The Redis of the journal; "" for the broker's."""
    broker_url: str = ""
    """The broker of this app alone."""
    celery_broker_url: str = Field(default="", validation_alias="CELERY_BROKER_URL")
    """The broker of all Celery apps of the environment, if `broker_url` is not set."""
    stripe_api_base: str = Field(
        default="https://api.stripe.com", validation_alias="STRIPE_API_BASE"
    )
    """The URL of Stripe's API, or of a simulator."""

    seal_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """The seal keys: the first seals, all open."""
    flows_dir: Path = Path("flows")
    """The flows folder."""
    allow_live: bool = False
    """True if live keys are accepted."""
    require_aof: bool = False
    """True if a worker refuses to start on a Redis without an append-only file."""
    namespace: str = Field(default="default", min_length=1, max_length=64)
    """The part of every id that separates deployments which share a Stripe account."""
    on_unknown: Literal["hold"] = "hold"
    """The treatment of a call whose outcome stays unknown."""

    connect_timeout: float = Field(default=5.0, gt=0)
    """The time limit for connecting to Stripe."""
    read_timeout: float = Field(default=20.0, gt=0)
    """The time limit between two parts of Stripe's answer."""
    lease: float = Field(default=30.0, gt=0)
    """The time for which a worker holds a step; after it another worker may do the step."""
    grace: float = Field(default=15.0, gt=0)
    """A hint counts as lost when one that was published so much later has been seen."""
    sweep_interval: float = Field(default=1.0, gt=0)
    """The time between two sweeps of a worker."""
    max_attempts: int = Field(default=8, ge=1)
    """The number of attempts after which a call counts as held."""
    max_begins: int = Field(default=10, ge=2)
    """The number of begins without an end after which an execution fails or a call is held."""
    retry_base: float = Field(default=0.5, gt=0)
    """The first delay between two attempts; it doubles up to 15 minutes."""

    rate_limit: int = 0
    """Reserved: only 0 is accepted."""
    endpoint_limit: int = 0
    """Reserved: only 0 is accepted."""
    max_calls: int = Field(default=1000, ge=1)
    """The limit of calls that a run may make."""
    max_depth: int = Field(default=50, ge=1)
    """The limit of calls that may follow one another in a run."""
    retention_days: float = Field(default=30.0, gt=0)
    """The time for which an ended run is kept."""
    tombstone_days: float = Field(default=400.0, gt=0)
    """The time for which the `run_id` of a run stays taken."""
    keep_requests: bool = True
    """True if a run's record keeps params, requests and answers."""

    script_seconds: float = Field(default=1.0, gt=0)
    """The time limit of an execution."""
    script_processes: int = Field(default_factory=lambda: max(2, os.cpu_count() or 1), ge=1)
    """The number of script processes that a worker process has."""
    script_memory: int = Field(default=64 * 1024 * 1024, ge=1024 * 1024)
    """The memory limit of an execution, in bytes."""

    @classmethod
    def read(cls) -> Settings:
        """Read the settings from the environment. Raises SettingsError, naming each wrong variable."""
        try:
            return cls()
        except ValidationError as error:
            wrong = [_fault(_variable(e["loc"]), e["msg"]) for e in error.errors()]
            raise SettingsError("; ".join(wrong)) from None

    @field_validator("seal_keys", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("seal_keys")
    @classmethod
    def _are_fernet_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for number, key in enumerate(value, start=1):
            try:
                Fernet(key.get_secret_value())
            except ValueError:
                raise ValueError(
                    f"key {number} of {len(value)} is not a seal key; `stripe-flows keys new` "
                    "makes one"
                ) from None
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_a_redis(cls, value: str) -> str:
        if value and not is_journal_url(value):
            *most, last = JOURNAL_SCHEMES
            raise ValueError(f"must begin with {', '.join(most)} or {last}")
        return value

    @field_validator("rate_limit", "endpoint_limit")
    @classmethod
    def _is_not_built_yet(cls, value: int) -> int:
        if value != 0:
            raise ValueError("limits are not enforced yet; the only value is 0 (no limit)")
        return value

    @field_validator("stripe_api_base")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        url = urlsplit(value)
        if url.scheme not in ("http", "https") or not url.netloc:
            raise ValueError("must begin with https:// (or http:// for a simulator)")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _the_journal_is_a_redis(self) -> Settings:
        if not self.redis_url and self.broker and not is_journal_url(self.broker):
            raise ValueError(
                "REDIS_URL is not set, and the broker is not a Redis, so it cannot be the journal"
            )
        return self

    @model_validator(mode="after")
    def _celery_knows_the_broker(self) -> Settings:
        urls = (self.broker_url, self.celery_broker_url, self.redis_url)
        check_broker(dict(zip(BROKER_VARIABLES, urls, strict=True)))
        return self

    @model_validator(mode="after")
    def _a_run_id_stays_taken(self) -> Settings:
        if self.tombstone_days < self.retention_days:
            raise ValueError(
                "STRIPE_FLOWS_TOMBSTONE_DAYS must not be less than STRIPE_FLOWS_RETENTION_DAYS, or "
                "a run_id could be used again as soon as its run is deleted"
            )
        return self

    @model_validator(mode="after")
    def _lease_outlasts_a_request(self) -> Settings:
        if self.lease <= self.connect_timeout + self.read_timeout:
            raise ValueError(
                "STRIPE_FLOWS_LEASE must be longer than STRIPE_FLOWS_CONNECT_TIMEOUT and "
                "STRIPE_FLOWS_READ_TIMEOUT together, or another worker would begin a step whose "
                "request is still on its way"
            )
        return self

    @property
    def broker(self) -> str:
        """The broker's URL: STRIPE_FLOWS_BROKER_URL, else CELERY_BROKER_URL, else ""."""
        return self.broker_url or self.celery_broker_url

    @property
    def journal_url(self) -> str:
        """The journal's URL: REDIS_URL, else the broker if that is a Redis."""
        return self.redis_url or self.broker or DEFAULT_REDIS


def _fault(variable: str, message: str) -> str:
    message = message.removeprefix("Value error, ")
    return f"{variable}: {message}" if variable else message


def _variable(loc: tuple[int | str, ...]) -> str:
    name = str(loc[0]) if loc else ""
    return name if name in setting_variables() or not name else f"{PREFIX}{name.upper()}"


@functools.cache
def setting_variables() -> frozenset[str]:
    """Return the names of all variables that are settings."""
    fields = Settings.model_fields.items()
    return frozenset(
        field.validation_alias
        if isinstance(field.validation_alias, str)
        else f"{PREFIX}{name.upper()}"
        for name, field in fields
    )


@functools.cache
def current_settings() -> Settings:
    """Return this process's settings, read at the first call."""
    return Settings.read()
