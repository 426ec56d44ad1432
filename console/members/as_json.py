"""The registrar's book and record as JSON, for scripts. No half is in it: names are a promise."""

from collections.abc import Mapping

from console.answers import CentreCounts
from console.findings import Signers
from console.members.book import Book, Code, CodeState, Member
from console.members.recorded import Recorded


def member_json(member: Member, today: str) -> dict[str, object]:
    return {
        "member_id": member.member_id,
        "alias": member.alias,
        "name": member.name,
        "centre": member.centre,
        "since_year": member.since_year,
        "standing": str(member.standing(today)),
        "expires_day": _until(member.code),
        "duress_expires_day": _until(member.duress),
        "history": [
            {
                "day": deed.day,
                "by": deed.by,
                "by_name": deed.by_name,
                "deed": str(deed.kind),
                "reason": deed.reason,
            }
            for deed in member.history
        ],
    }


def counts_json(counts: CentreCounts) -> dict[str, object]:
    return {
        "centre": counts.centre,
        "active": counts.active,
        "paused": counts.paused,
        "revoked": counts.revoked,
        "expired": counts.expired,
    }


def book_counts(book: Book, centre: str, today: str) -> Mapping[str, object]:
    """What the desk should count, by this book: ordinary codes that it has confirmed."""
    found = {"active": 0, "paused": 0, "revoked": 0, "expired": 0}
    for member in book.members:
        for code in member.codes if member.centre == centre else ():
            if not code.is_duress and code.state is not CodeState.WAITING:
                has_ended = code.is_live and code.expires_day < today
                found["expired" if has_ended else str(code.state)] += 1
    return found


def recorded_json(recorded: Recorded, signers: Signers) -> dict[str, object]:
    entry = recorded.entry
    return {
        "record_id": entry.record_id,
        "day": entry.day,
        "centre": entry.centre,
        "officer": entry.officer,
        "officer_name": signers.name(entry.officer),
        "deed": entry.deed,
        "is_duress": entry.is_duress,
        "count": entry.count,
        "signed": recorded.verdict,
    }


def _until(code: Code | None) -> str | None:
    return None if code is None else code.expires_day
