"""What the desk recorded of registrars' deeds, each signature judged by the roster."""

from dataclasses import dataclass

from console.answers import MemberRecord
from console.findings import Signers
from console.office import Office
from sealing import members_statement

PAGES_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Recorded:
    """One record, and how it is signed: "signed", "former" (by somebody of an earlier roster),
    "forged" or "foreign"."""

    entry: MemberRecord
    verdict: str

    @property
    def is_trusted(self) -> bool:
        return self.verdict in ("signed", "former")


async def recorded(office: Office, centre: str) -> tuple[Recorded, ...]:
    """The centre's record, newest day first, up to PAGES_AT_MOST pages of it."""
    signers = (await office.trust()).signers
    found: list[Recorded] = []
    after = None
    for _ in range(PAGES_AT_MOST):
        page = await office.desk.member_record(centre, after=after)
        found += [Recorded(entry, _judged(entry, centre, signers)) for entry in page.records]
        after = page.next
        if after is None:
            break
    return tuple(found)


def _judged(entry: MemberRecord, centre: str, signers: Signers) -> str:
    statement = members_statement(
        record_id=entry.record_id,
        centre=centre,  # the one that was asked for: another's record is forged here
        deed=entry.deed,
        which="duress" if entry.is_duress else "ordinary",
        count=entry.count,
        day=entry.day,
        officer=entry.officer,
    )
    return signers.judge(entry.officer, statement, entry.signature)
