"""Hand-overs of tips to other bodies: what was written, for whom, by whom; never what is in it.

Owns the table `handover`, kept as `seconded` keeps all of its manner. Refuses to know who may hand
over what.
"""

from dataclasses import dataclass

from storage.repositories.seconded import SecondedRow, SecondedTable


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRow(SecondedRow):
    """*officer* hands the tip over to *body* in a *form* ("redacted", "full") as a file whose
    unsealed bytes have that *sha256*; it may leave on *open_day*."""

    handover_id: str
    body: str
    form: str
    sha256: str


def _what(handover: HandoverRow) -> dict[str, str | None]:
    return {
        "handover_id": handover.handover_id,
        "body": handover.body,
        "form": handover.form,
        "sha256": handover.sha256,
    }


HANDOVERS = SecondedTable(
    name="handover",
    columns=("handover_id", "body", "form", "sha256"),
    what=_what,
    read=HandoverRow,
    approval="handover-approval",
    asker="giver",
)
