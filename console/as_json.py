"""A tip as JSON, for scripts: what `--json` prints. Pure; names here are a promise to whoever reads
them.
"""

from console.endings import last_word
from console.office import Reading
from console.office_rows import Row, TrackRecord
from console.originals import has_original, opened_original
from console.present import say_finding
from console.priority import level
from console.reading import OpenedPart, in_order
from console.results import outcomes, result_of
from console.withdrawing import Withdrawn
from console.words import Words


def row_json(row: Row) -> dict[str, object]:
    told, shown = row.summary, row.shown
    return {
        "tip_id": shown.tip_id,
        "centre": shown.centre,
        "status": shown.status,
        "status_day": shown.status_day,
        "filed_day": shown.filed_day,
        "version": shown.version,
        "claimed_by": shown.claimed_by,
        "claimed_by_name": shown.claimed_by_name,
        "parts": shown.parts,
        "no_contact": shown.no_contact,
        "due_day": row.due_day,
        "expire_day": shown.expire_day,
        "is_held": shown.is_held,
        "last_word": shown.last_word,
        "days_left": row.left,
        "is_urgent": row.is_urgent,
        "is_overdue": row.is_overdue,
        "is_mine": row.is_mine,
        "openings_waiting": shown.openings_waiting,
        "problem": row.problem.key if row.problem else None,
        "summary": None
        if told is None
        else {
            "category": told.category,
            "province": told.province,
            "kind": str(told.kind),
            "is_verified": told.is_verified,
            "alias": told.alias,
            "is_duress": told.is_duress,
            "is_secondhand": told.is_secondhand,
            "is_afraid": told.is_afraid,
            "is_reported_elsewhere": told.is_reported_elsewhere,
            "completeness_have": told.completeness_have,
            "completeness_of": told.completeness_of,
            "member_centre": told.member_centre,
            "member_since": told.member_since,
        },
        "result": row.result,
        "priority": level(row),
        "track_record": _track_json(row.track),
    }


def withdrawn_json(out: Withdrawn) -> dict[str, object]:
    return {
        "withdrawn": out.name,
        "readers": [officer.name for officer in out.readers],
        "left_out": list(out.left_out),
        "replies_stay": out.replies_stay,
    }


def reading_json(words: Words, reading: Reading) -> dict[str, object]:
    shown, written = reading.tip.shown, outcomes(reading.tip)
    return {
        "tip_id": shown.tip_id,
        "centre": shown.centre,
        "status": shown.status,
        "status_day": shown.status_day,
        "filed_day": shown.filed_day,
        "version": shown.version,
        "claimed_by": shown.claimed_by,
        "claimed_by_name": shown.claimed_by_name,
        "no_contact": shown.no_contact,
        "due_day": reading.due_day,
        "expire_day": shown.expire_day,
        "is_held": shown.is_held,
        "last_word": last_word(shown.changes),
        "result": result_of(reading.tip),
        "days_left": reading.left,
        "is_whole": not reading.alarms,
        "track_record": _track_json(reading.track),
        "findings": [
            {
                "name": finding.name,
                "seq": finding.seq,
                "is_alarm": finding.is_alarm,
                "says": say_finding(words, finding),
            }
            for finding in reading.findings
        ],
        "jurisdiction": [
            {
                "rule": one.rule.id,
                "body": one.rule.body.id,
                "name": one.rule.body.called(words.language),
                "reason": one.rule.reason(words.language),
                "phrase": one.phrase,
                "is_checked": one.rule.is_checked,
            }
            for one in reading.suggestions
        ],
        "parts": [_part_json(part, reading) for part in in_order(reading.tip.parts)],
        "changes": [
            {
                "version": change.version,
                "kind": change.kind,
                "status": change.status,
                "officer": change.officer,
                "day": change.day,
                "part_id": change.part_id,
                "from_centre": change.from_centre,
                "to_centre": change.to_centre,
                "until_day": change.until_day,
                "result": written[change.version].result if change.version in written else None,
                "body": written[change.version].body if change.version in written else None,
            }
            for change in shown.changes
        ],
        "openings": [
            {
                "opening_id": opening.opening_id,
                "opens": opening.opens,
                "part_id": opening.part_id,
                "reason_part_id": opening.reason_part_id,
                "officer": opening.officer,
                "day": opening.day,
                "open_day": opening.open_day,
                "approved_by": opening.approved_by,
            }
            for opening in shown.openings
        ],
        "handovers": [
            {
                "handover_id": handover.handover_id,
                "body": handover.body,
                "form": handover.form,
                "sha256": handover.sha256,
                "reason_part_id": handover.reason_part_id,
                "officer": handover.officer,
                "day": handover.day,
                "open_day": handover.open_day,
                "approved_by": handover.approved_by,
            }
            for handover in shown.handovers
        ],
        "grants": [
            {
                "grant_id": grant.grant_id,
                "officer": grant.officer,
                "released": grant.released,
                "granted_by": grant.granted_by,
            }
            for grant in shown.grants
        ],
    }


def _track_json(told: TrackRecord | None) -> dict[str, object] | None:
    """A verified member; null for anybody else."""
    if told is None:
        return None
    return {
        "alias": told.alias,
        "centre": told.centre,
        "since_year": told.since_year,
        "earlier": told.earlier,
        "useful": told.useful,
        "is_whole": told.is_whole,
    }


def _part_json(part: OpenedPart, reading: Reading) -> dict[str, object]:
    inside, file = part.part, part.part.file if part.part else None
    return {
        "seq": part.seq,
        "part_id": part.shown.part_id,
        "state": str(part.state),
        "author": str(inside.author) if inside else part.shown.author,
        "kind": str(inside.kind) if inside else part.shown.kind,
        "day": inside.day if inside else part.shown.day,
        "officer": inside.officer if inside else part.shown.officer,
        "signed": reading.signed.get(part.seq),
        "question": inside.question if inside else None,
        "words": inside.words if inside else None,
        "found": list(inside.found) if inside else [],
        "original": _original_json(reading, part),
        "form": dict(inside.form) if inside and inside.form is not None else None,
        "file": None
        if file is None
        else {
            "blob_id": file.blob_id,
            "size": file.size,
            "sha256": file.sha256,
            "media": str(file.media),
            "mime": file.mime,
            "name": file.name,
            "details": str(file.details),
        },
    }


def _original_json(reading: Reading, part: OpenedPart) -> dict[str, object] | None:
    """What was sent before something was taken out; `is_open` false: nobody has its key."""
    if not has_original(part):
        return None
    original = opened_original(reading.tip, part)
    if original is None:
        return {"is_open": False}
    file = original.file
    return {
        "is_open": True,
        "is_answered": original.is_answered,
        "words": original.words,
        "file": None
        if file is None
        else {"blob_id": file.blob_id, "size": file.size, "sha256": file.sha256},
    }
