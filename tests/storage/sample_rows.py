"""Rows to store, each differing from the next in everything random."""

import hashlib
import os
from dataclasses import replace
from typing import Any

from sealing import Opens
from storage import Transaction
from storage.repositories.alerts import BindingRow, LineRow
from storage.repositories.campaigns import CampaignRow
from storage.repositories.cards import CardRow
from storage.repositories.conversations import Conversation
from storage.repositories.grants import GrantRow
from storage.repositories.handovers import HandoverRow
from storage.repositories.notices import NoticeRow
from storage.repositories.openings import OpeningRow
from storage.repositories.outbox import Line
from storage.repositories.parts import NO_PREVIOUS, PartRow
from storage.repositories.subscriptions import SubscriptionRow
from storage.repositories.tips import NewTip, file

TODAY = "2026-11-23"


def an_id() -> str:
    return os.urandom(16).hex()


def a_conversation(**given: Any) -> Conversation:
    plain = Conversation(os.urandom(32), "web", an_id(), os.urandom(1024), TODAY)
    return replace(plain, **given)


def a_line(conversation: bytes, **given: Any) -> Line:
    return replace(Line(an_id(), conversation, "line", '{"say": "hello"}', TODAY), **given)


def a_part(tip_id: str, seq: int = 1, **given: Any) -> PartRow:
    sealed = given.pop("sealed", os.urandom(2800))
    digest = hashlib.sha256(sealed).digest()
    plain = PartRow(an_id(), tip_id, seq, digest, sealed, "case", "reporter", "words", TODAY, 1024)
    return replace(plain, **given)


def a_chain(tip_id: str, length: int) -> list[tuple[PartRow, bytes]]:
    """Parts with the hash each has to name as its previous."""
    parts = [a_part(tip_id, seq) for seq in range(1, length + 1)]
    return list(zip(parts, [NO_PREVIOUS, *(part.hash for part in parts)], strict=False))


def a_notice(tip_id: str, **given: Any) -> NoticeRow:
    return replace(NoticeRow(an_id(), tip_id, an_id(), TODAY, os.urandom(1024)), **given)


def a_subscription(**given: Any) -> SubscriptionRow:
    plain = SubscriptionRow(an_id(), "telegram", "citizen", an_id(), TODAY, os.urandom(1024))
    return replace(plain, **given)


def a_binding(officer: str, **given: Any) -> BindingRow:
    plain = BindingRow(an_id(), officer, "telegram", an_id(), os.urandom(1024))
    return replace(plain, **given)


def an_alert(**given: Any) -> LineRow:
    return replace(LineRow(an_id(), an_id(), "telegram", 0, 10, an_id(), os.urandom(1024)), **given)


def a_card(**given: Any) -> CardRow:
    plain = CardRow(
        an_id(), 1, "khonkaen", "citizen", "published", TODAY, an_id(), os.urandom(64), b"{}"
    )
    return replace(plain, **given)


def an_opening(tip_id: str, **given: Any) -> OpeningRow:
    plain = OpeningRow(
        **a_reason(tip_id, seq=3), opening_id=an_id(), opens=Opens.EXPORT, part_id=None
    )
    return replace(plain, **given)


def a_handover(tip_id: str, **given: Any) -> HandoverRow:
    plain = HandoverRow(
        **a_reason(tip_id, seq=4),
        handover_id=an_id(),
        body="nacc",
        form="redacted",
        sha256="0" * 64,
    )
    return replace(plain, **given)


def a_reason(tip_id: str, seq: int) -> dict[str, Any]:
    """What every row of a deed that a second officer may have to agree to says of why."""
    return {
        "tip_id": tip_id,
        "reason_part_id": an_id(),
        "seq": seq,
        "officer": an_id(),
        "day": TODAY,
        "signature": os.urandom(64),
    }


def a_campaign(card_id: str, **given: Any) -> CampaignRow:
    plain = CampaignRow(an_id(), card_id, "khonkaen", "citizen", TODAY, an_id(), os.urandom(64))
    return replace(plain, **given)


def a_tip(**given: Any) -> NewTip:
    plain = NewTip(
        an_id(),
        os.urandom(32),
        "khonkaen",
        TODAY,
        os.urandom(1216),
        os.urandom(1216),
        an_id(),
        os.urandom(2800),
    )
    return replace(plain, **given)


def a_grant(tip: NewTip, officer: str, **given: Any) -> GrantRow:
    plain = GrantRow(
        an_id(), tip.tip_id, officer, tip.centre, True, tip.filed_day, os.urandom(2800)
    )
    return replace(plain, **given)


def file_one(t: Transaction, *officers: str, **given: Any) -> NewTip:
    """File a tip granted to *officers*."""
    tip = a_tip(**given)
    file(t, tip, [a_grant(tip, officer) for officer in officers])
    return tip
