"""Every key of the configuration: its type, its default, its bounds, as frozen objects.

config.example.toml documents each of them (a test compares the two). Refuses to know how values
are read (bot.config) and which of them contradict each other (bot.config_rules).
"""

import os
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config_values import (
    AdminKey,
    BotToken,
    BySecond,
    DatabaseFile,
    EmailAddress,
    FilePath,
    Hidden,
    HookAddress,
    HostName,
    ListenAt,
    MailTls,
    Mode,
    Name,
    OnionOrigin,
    Origin,
    Password,
    ProvinceCode,
    QuietHours,
    SecretFile,
    Slug,
    WebhookSecret,
    WeekDay,
    whole,
)
from sealing.stretch import Cost

ENV_PREFIX = "SAISAAT_"
TELEGRAM_CLOUD = "https://api.telegram.org"
TELEGRAM_CLOUD_FILE_MIB = 20
_MIB = 1024 * 1024


class _Section(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
    )


class Web(_Section):
    """The web chat."""

    listen: ListenAt
    public_url: Origin
    onion_url: OnionOrigin | None = None


class Desk(_Section):
    """The officers' API. `public_url` is the origin that officers sign when they sign in."""

    listen: ListenAt
    public_url: Origin
    tls_cert: FilePath | None = None
    tls_key: FilePath | None = None
    session_minutes: Annotated[int, whole(1, 24 * 60)] = 60
    idle_minutes: Annotated[int, whole(1, 24 * 60)] = 15
    sign_in_tries: Annotated[int, whole(1, 100)] = 5
    sign_in_tries_minutes: Annotated[int, whole(1, 24 * 60)] = 15
    sign_in_wait_seconds: Annotated[int, whole(1, 3600)] = 30
    longest_sign_in_wait_minutes: Annotated[int, whole(1, 24 * 60)] = 60
    sign_in_alarm: Annotated[int, whole(10, 100_000)] = 200
    second_officer: BySecond = ()


class Telegram(_Section):
    """The Telegram bot; off while it has no token. `api_url` also serves a Bot API server of
    one's own."""

    token: BotToken = None
    mode: Mode = "polling"
    api_url: Origin = TELEGRAM_CLOUD
    webhook_secret: WebhookSecret = None

    @property
    def is_on(self) -> bool:
        """Whether the channel has what it needs (`bot.config.load` lets no half of it pass)."""
        return self.token is not None

    @property
    def is_cloud(self) -> bool:
        """Whether Telegram's own server answers, which hands over small files only."""
        return self.api_url == TELEGRAM_CLOUD


class Line(_Section):
    """The LINE Official Account; off while it has neither secret nor token."""

    channel_secret: Hidden = None
    channel_access_token: Hidden = None
    api_url: Origin = "https://api.line.me"
    data_api_url: Origin = "https://api-data.line.me"
    unsend_hours: Annotated[int, whole(1, 7 * 24)] = 1
    push_reserve: Annotated[int, whole(0, 1_000_000)] = 20

    @property
    def is_on(self) -> bool:
        """Whether the channel has what it needs (`bot.config.load` lets no half of it pass)."""
        return self.channel_secret is not None and self.channel_access_token is not None


class Storage(_Section):
    """Where things are kept. `url` comes out as the path of the SQLite file."""

    url: DatabaseFile
    blobs: FilePath
    forget: FilePath

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.url

    @property
    def data_folder(self) -> Path:
        """The folder of the database: what a backup copies."""
        return self.url.parent


class Secrets(_Section):
    """Where secrets are read from; none is in the configuration itself."""

    folder: FilePath
    server_key: FilePath = Path("server.key")

    @property
    def is_credential(self) -> bool:
        """Whether systemd guards the folder (its mode bits then show the mask of an ACL)."""
        guarded = os.environ.get("CREDENTIALS_DIRECTORY")
        return bool(guarded) and Path(guarded or "").resolve() == self.folder.resolve()


class RosterFile(_Section):
    """The signed list of officers, and the admin's public key that this server trusts."""

    file: FilePath
    admin_key: AdminKey = None
    warn_days: Annotated[int, whole(1, 365)] = 30


class RegistryFile(_Section):
    """The signed list of the real bots; trusted by the roster's admin key. It may be missing."""

    file: FilePath = Path("registry.toml")
    warn_days: Annotated[int, whole(1, 365)] = 30


class Limits(_Section):
    """What one person may do, and what a guess costs."""

    text_kib: Annotated[int, whole(4, 1024)] = 60
    file_mib: Annotated[int, whole(1, 2048)] = 50
    files_per_tip: Annotated[int, whole(0, 200)] = 20
    conversation_mib: Annotated[int, whole(1, 20_480)] = 200
    telegram_file_mib: Annotated[int, whole(1, 2000)] = TELEGRAM_CLOUD_FILE_MIB
    line_file_mib: Annotated[int, whole(1, 1024)] = 200
    fetch_minutes: Annotated[int, whole(1, 24 * 60)] = 15
    clean_mib: Annotated[int, whole(1, 64)] = 32
    cleaners: Annotated[int, whole(1, 16)] = 2
    wrong_tries: Annotated[int, whole(1, 20)] = 5
    wrong_tries_minutes: Annotated[int, whole(1, 24 * 60)] = 15
    longest_lock_minutes: Annotated[int, whole(1, 7 * 24 * 60)] = 24 * 60
    wrong_tries_alarm: Annotated[int, whole(10, 100_000)] = 200
    wrong_tries_alarm_days: Annotated[int, whole(1, 365)] = 14
    wrong_tries_brake: Annotated[int, whole(10, 100_000)] = 200
    braked_look_ups: Annotated[int, whole(6, 6000)] = 120
    stretch_queue: Annotated[int, whole(1, 10_000)] = 64
    argon2_memory_kib: Annotated[int, whole(8, 4 * 1024 * 1024)] = 19_456
    argon2_time: Annotated[int, whole(1, 100)] = 2
    argon2_lanes: Annotated[int, whole(1, 8)] = 1

    @property
    def text_bytes(self) -> int:
        """The largest message, in bytes of UTF-8."""
        return self.text_kib * 1024

    @property
    def file_bytes(self) -> int:
        """The largest file that the web chat takes."""
        return self.file_mib * _MIB

    @property
    def telegram_file_bytes(self) -> int:
        """The largest file that is taken from Telegram."""
        return self.telegram_file_mib * _MIB

    @property
    def line_file_bytes(self) -> int:
        """The largest file that is taken from LINE."""
        return self.line_file_mib * _MIB

    @property
    def conversation_bytes(self) -> int:
        """What one conversation may send before its tip is filed, files included."""
        return self.conversation_mib * _MIB

    @property
    def clean_bytes(self) -> int:
        """The largest file that is looked into for hidden details."""
        return self.clean_mib * _MIB

    @property
    def stretch_cost(self) -> Cost:
        """What stretching a code costs; fixed for the life of a deployment."""
        return Cost(self.argon2_memory_kib, self.argon2_time, self.argon2_lanes)


class Campaigns(_Section):
    """How fast knowledge cards are sent to who asked for them, and what is kept from them."""

    telegram_per_s: Annotated[int, whole(1, 25)] = 20
    line_per_s: Annotated[int, whole(1, 100)] = 20
    line_reserve: Annotated[int, whole(0, 1_000_000)] = 100


class AlertsEmail(_Section):
    """The mail server that takes officers' alerts; off while it has no host."""

    host: HostName | None = None
    port: Annotated[int, whole(1, 65535)] = 465
    tls: MailTls = "tls"
    sender: EmailAddress | None = None
    user: Name | None = None
    password: Password = None


class AlertsWebhook(_Section):
    """A program that is told how much waits in *centre*. *secret_file* is in the secrets folder;
    `bot.config.load` puts what it holds into *secret*."""

    url: HookAddress
    centre: Slug
    secret_file: SecretFile
    secret: Hidden = Field(default=None, exclude=True, repr=False)


class Alerts(_Section):
    """Alerts to officers: content-free counts, by bots of their own, by mail, to programs."""

    telegram_token: BotToken = None
    line_channel_secret: Hidden = None
    line_access_token: Hidden = None
    quiet: QuietHours = "20:00-07:00"
    quiet_days: tuple[WeekDay, ...] = ()
    remind_days: Annotated[int, whole(0, 30)] = 2
    email: AlertsEmail = Field(default_factory=AlertsEmail)
    webhook: tuple[AlertsWebhook, ...] = ()

    @property
    def has_line(self) -> bool:
        return self.line_channel_secret is not None and self.line_access_token is not None

    @property
    def has_email(self) -> bool:
        return self.email.host is not None and self.email.sender is not None


class Retention(_Section):
    """When things are forgotten."""

    draft_days: Annotated[int, whole(1, 30)] = 7
    receipt_hours: Annotated[int, whole(1, 24)] = 24
    answer_days: Annotated[int, whole(1, 90)] = 30
    notice_days: Annotated[int, whole(1, 730)] = 180
    subscription_days: Annotated[int, whole(1, 730)] = 365
    reopen_days: Annotated[int, whole(1, 365)] = 30
    reopen_times: Annotated[int, whole(0, 20)] = 2
    closed_days: Annotated[int, whole(0, 18250)] = 1095
    closed_fuzz_days: Annotated[int, whole(0, 365)] = 60
    closed_notice_days: Annotated[int, whole(1, 365)] = 14
    seen_days: Annotated[int, whole(1, 30)] = 7
    log_truncate_minutes: Annotated[int, whole(1, 60)] = 60
    wipe_hours: Annotated[int, whole(1, 48)] = 48


class Backup(_Section):
    """Where `saisaat backup` puts its folders unless told, when `doctor` asks for a new one, and
    how long officers are told that the server was made of one."""

    folder: FilePath | None = None
    warn_days: Annotated[int, whole(0, 365)] = 7
    restore_told_days: Annotated[int, whole(0, 365)] = 30


class Clocks(_Section):
    """The days that officers have, counted from filing; a centre may say otherwise for itself and
    those under it. And what happens when they are over."""

    acknowledge_days: Annotated[int, whole(1, 365)] = 7
    screening_days: Annotated[int, whole(1, 365)] = 15
    feedback_days: Annotated[int, whole(1, 730)] = 90
    warn_days: Annotated[int, whole(0, 365)] = 3
    escalate_again_days: Annotated[int, whole(1, 365)] = 7
    longest_extension_days: Annotated[int, whole(1, 730)] = 60


class Figures(_Section):
    """What is told of counted tips: nothing of fewer than so many. The desk's figures are for
    officers who may see them; the public page is off unless the operator decides, and what it shows
    of a quarter never changes again."""

    internal_k: Annotated[int, whole(3, 1000)] = 5
    public: bool = False
    publish_after_days: Annotated[int, whole(1, 365)] = 30
    public_k: Annotated[int, whole(10, 1000)] = 10


class Agency(_Section):
    """An agency people may name; `parent` is the agency it belongs to."""

    id: Slug
    name_th: Name
    name_en: Name
    aliases: tuple[Name, ...] = ()
    parent: Slug | None = None


class Centre(_Section):
    """A centre of officers; with an `agency` it is the integrity centre inside that agency. Days
    that it does not say are those of the centre above, and at the top of [clocks]."""

    id: Slug
    name_th: Name
    name_en: Name
    parent: Slug | None = None
    provinces: tuple[ProvinceCode, ...] = ()
    agency: Slug | None = None
    acknowledge_days: Annotated[int | None, whole(1, 365, or_none=True)] = None
    screening_days: Annotated[int | None, whole(1, 365, or_none=True)] = None
    feedback_days: Annotated[int | None, whole(1, 730, or_none=True)] = None
    warn_days: Annotated[int | None, whole(0, 365, or_none=True)] = None


class Config(BaseSettings):
    """Everything the operator decides. Made by `load` only."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        validate_default=True,
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        enable_decoding=False,  # a variable is the value itself, never JSON
    )

    web: Web
    desk: Desk
    telegram: Telegram = Field(default_factory=Telegram)
    line: Line = Field(default_factory=Line)
    storage: Storage
    secrets: Secrets
    roster: RosterFile
    registry: RegistryFile = Field(default_factory=RegistryFile)
    limits: Limits = Field(default_factory=Limits)
    campaigns: Campaigns = Field(default_factory=Campaigns)
    alerts: Alerts = Field(default_factory=Alerts)
    retention: Retention = Field(default_factory=Retention)
    backup: Backup = Field(default_factory=Backup)
    clocks: Clocks = Field(default_factory=Clocks)
    figures: Figures = Field(default_factory=Figures)
    agency: tuple[Agency, ...] = ()
    centre: tuple[Centre, ...]

    @property
    def centres(self) -> tuple[Centre, ...]:
        return self.centre

    @property
    def agencies(self) -> tuple[Agency, ...]:
        return self.agency

    @property
    def server_key(self) -> Path:
        """The server key file."""
        return self.secrets.server_key

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        return env_settings, init_settings
