"""The configuration's numbers as each room wants them. Decides nothing; keeps nothing."""

from collections.abc import Mapping

from bot.campaigning import CampaignRules
from bot.closures import Reopening
from bot.config import Config
from bot.evidence import EvidenceRules
from bot.fetching import FetchRules
from bot.figures.publishing import FigureRules
from bot.stretch import StretchRules
from bot.throttle import ThrottleRules
from bot.upkeep import UpkeepRules
from cleaning import CleaningRules
from handlers.retention import Rule

TELEGRAM_EDITS_S = 48 * 3600.0
"""Telegram lets people edit their messages for so long (Bot API, "Updating messages")."""


def campaign_rules(config: Config) -> CampaignRules:
    campaigns = config.campaigns
    return CampaignRules(per_s={"telegram": campaigns.telegram_per_s, "line": campaigns.line_per_s})


def cleaning_rules(config: Config) -> CleaningRules:
    return CleaningRules(file_bytes=config.limits.clean_bytes, at_once=config.limits.cleaners)


def fetch_rules(config: Config) -> FetchRules:
    limits = config.limits
    largest = {"line": limits.line_file_bytes, "telegram": limits.telegram_file_bytes}
    return FetchRules(file_bytes=largest, give_up_s=limits.fetch_minutes * 60)


def figure_rules(config: Config) -> FigureRules:
    figures = config.figures
    return FigureRules(figures.public, figures.publish_after_days, figures.public_k)


def windows_s(config: Config) -> Mapping[str, float]:
    """How long people can take a message back or change it, by channel."""
    return {"line": config.line.unsend_hours * 3600.0, "telegram": TELEGRAM_EDITS_S}


def throttle_rules(config: Config) -> ThrottleRules:
    limits = config.limits
    window_s = limits.wrong_tries_minutes * 60
    return ThrottleRules(
        wrong_tries=limits.wrong_tries,
        window_s=window_s,
        first_lock_s=window_s,
        longest_lock_s=limits.longest_lock_minutes * 60,
        alarm_wrong_tries=limits.wrong_tries_alarm,
        brake_wrong_tries=limits.wrong_tries_brake,
    )


def sign_in_rules(config: Config) -> ThrottleRules:
    """What wrong sign-ins at the desk are told. Nothing is braked: no sign-in costs a stretch."""
    desk = config.desk
    return ThrottleRules(
        wrong_tries=desk.sign_in_tries,
        window_s=desk.sign_in_tries_minutes * 60,
        first_lock_s=desk.sign_in_wait_seconds,
        longest_lock_s=desk.longest_sign_in_wait_minutes * 60,
        alarm_wrong_tries=desk.sign_in_alarm,
    )


def stretch_rules(config: Config) -> StretchRules:
    limits = config.limits
    return StretchRules(
        look_ups_waiting=limits.stretch_queue, braked_a_minute=limits.braked_look_ups
    )


def reopening(config: Config) -> Reopening:
    retention = config.retention
    return Reopening(days=retention.reopen_days, times=retention.reopen_times)


def retention_rule(config: Config) -> Rule:
    retention = config.retention
    return Rule(
        closed_days=retention.closed_days,
        fuzz_days=retention.closed_fuzz_days,
        notice_days=retention.closed_notice_days,
    )


def evidence_rules(config: Config) -> EvidenceRules:
    return EvidenceRules(
        file_bytes=config.limits.file_bytes,
        files_per_tip=config.limits.files_per_tip,
        conversation_bytes=config.limits.conversation_bytes,
    )


def upkeep_rules(config: Config) -> UpkeepRules:
    retention = config.retention
    truncate_s = retention.log_truncate_minutes * 60
    return UpkeepRules(
        round_s=min(300, truncate_s / 4),
        draft_days=retention.draft_days,
        seen_days=retention.seen_days,
        truncate_s=truncate_s,
    )
