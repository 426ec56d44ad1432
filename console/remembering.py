"""What memory takes from one look at a tip: hashes only, and only of what was found whole.

What a desk showed once and falsely must not speak against it for ever; what came late must stay
late. Pure: `seen.py` keeps it.
"""

from collections.abc import Sequence, Set

from console.findings import Finding, NameOf
from console.history import change_digest, first_centre
from console.reading import OpenedPart, OpenedTip, State
from console.rekeys import keys_at, recipients_name
from console.seen import SeenTip
from sealing import Kind

_WHOLE = (State.OPEN, State.UNSENT)
_AGAINST_KEYS = {"recipient_replaced", "grant_unsigned"}
_AGAINST_FORM = {"form_blanked", "form_missing"}


def newly_seen(tip: OpenedTip, found: Sequence[Finding], seen: SeenTip, name_of: NameOf) -> SeenTip:
    """What memory takes from *tip*. Of a tip under other keys than before, nothing.

    The list of grants is that of the first look: a grant that came late must stay late.
    """
    alarmed = {finding.seq for finding in found if finding.is_alarm}
    whole = [p for p in tip.parts if p.state in _WHOLE and p.seq not in alarmed]
    opened = frozenset(part.seq for part in whole if _is_opened_case(part))
    if any(finding.is_final for finding in found) or not _is_akin(opened, seen):
        return SeenTip()
    is_alarmed = any(finding.is_alarm for finding in found)
    doubtful = {f.params.get("version") for f in found if f.is_alarm and f.is_history}
    changes = [c for c in tip.shown.changes if c.version not in doubtful]
    grant_ids = (tip.shown.grant.grant_id, *(grant.grant_id for grant in tip.shown.grants))
    are_keys_proven = _are_keys_proven(whole, {finding.name for finding in found}, seen)
    return SeenTip(
        parts={part.seq: part.shown.hash for part in whole},
        version=0 if doubtful else tip.shown.version,
        changes={change.version: change_digest(change) for change in changes},
        grants=seen.grants or frozenset(map(name_of, grant_ids)),
        opened=opened,
        recipients=recipients_name(tip.grant.recipients, name_of) if are_keys_proven else "",
        centre="" if is_alarmed else name_of(first_centre(tip.shown)),
        recipients_at=keys_at(tip.shown) if are_keys_proven else 0,
        expires="" if is_alarmed else tip.shown.expire_day or "",
        is_held=not is_alarmed and tip.shown.is_held,
        stood_at=0 if is_alarmed else tip.shown.version,
    )


def _is_opened_case(part: OpenedPart) -> bool:
    """Only the case key counts: the server itself learns a reply key while a reporter is there."""
    return part.state is State.OPEN and part.shown.sealed_to == "case"


def _is_akin(opened: frozenset[int], seen: SeenTip) -> bool:
    """Whether the keys opened at least one part that was opened here before (its hash is the same,
    or it would be alarmed), if there was any: then they are the same keys.
    """
    return not seen.opened or bool(opened & seen.opened)


def _are_keys_proven(whole: Sequence[OpenedPart], names: Set[str], seen: SeenTip) -> bool:
    """Whether keys that are akin may be remembered: at a first look they must have opened the
    form.

    Alarms about other parts do not matter: they would let a server keep the keys unremembered.
    """
    if names & _AGAINST_KEYS:
        return False
    has_form = any(part.part is not None and part.part.kind is Kind.FORM for part in whole)
    return bool(seen.opened) or (has_form and not names & _AGAINST_FORM)
