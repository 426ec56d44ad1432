"""New keys for what is told later: how a reader is shut out of the rest of a tip.

A rekey gives a tip two fresh identities. What was sealed before stays under the keys before, and
whoever held those keeps what they had. Everyone who reads on gets a grant of the new pair alone;
the pair before lies in the rekey, sealed to the new case key, and so leads back from any pair to
the first. Grants do not grow, and no number of rekeys makes one too small. The receipt gets a grant
of the new reply key beside the ones it has, so that one that opens nothing costs only its own time.

A rekey is public: recipients, sealed bytes, and who reads on. It counts only with the signature of
the officer who made it (`rekey_statement`), and only if it leads back to the keys before: nobody
can make that who did not hold them.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sealing import canonical, sealed_json
from sealing.age import PQIdentity, PQRecipient
from sealing.canonical import JSON, Fields, is_id
from sealing.errors import Malformed, Misplaced, SealingError
from sealing.grants import RECEIPT, RECOVERY, Grant, seal_grant
from sealing.tips import TipKeys, TipRecipients

SCHEMA = 1
REKEYS_AT_MOST = 100
AT_MOST_REKEY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Rekey:
    """What the history keeps of new keys.

    *earlier* is the pair before, sealed to the new case key. *readers* (officer ids, and recovery)
    are those who got the new pair. Without a receipt's grant the reply key stayed what it was.
    """

    recipients: TipRecipients
    readers: frozenset[str]
    earlier: bytes = field(repr=False)
    receipt_grant_id: str | None = None
    receipt_grant: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if RECOVERY not in self.readers:
            raise ValueError("recovery reads on, whoever does not")
        if not all(is_id(reader) for reader in self.readers - {RECOVERY}):
            raise ValueError("a reader is an officer id or recovery")
        if (self.receipt_grant_id is None) != (self.receipt_grant is None):
            raise ValueError("a receipt's grant has an id and bytes")
        if self.receipt_grant_id is not None and not is_id(self.receipt_grant_id):
            raise ValueError("a grant has an id")


def make_rekey(
    tip_id: str,
    before: TipKeys,
    fresh: TipKeys,
    *,
    readers: frozenset[str],
    receipt: tuple[str, PQRecipient] | None,
    day: str,
    by: str,
) -> tuple[TipKeys, Rekey]:
    """The keys of *tip_id* from now on, made of *fresh* ones, and the rekey by *by* that says so.

    *receipt* is the id of its new grant and its recipient. None: nobody knows the receipt's
    recipient, and the reply key stays that of *before*, or the reporter could read nothing more.
    """
    now = fresh if receipt is not None else TipKeys(fresh.case, before.reply)
    inside: dict[str, JSON] = {
        "schema": SCHEMA,
        "tip_id": tip_id,
        "case": before.case.reveal(),
        "reply": before.reply.reveal(),
    }
    earlier = sealed_json.seal(inside, now.case.recipient)
    if receipt is None:
        return now, Rekey(now.recipients, readers, earlier)
    grant_id, recipient = receipt
    grant = Grant(grant_id, tip_id, RECEIPT, None, now.reply, None, day, by)
    return now, Rekey(now.recipients, readers, earlier, grant_id, seal_grant(grant, recipient))


def write_rekey(rekey: Rekey) -> bytes:
    """*rekey* as it is kept and signed: canonical JSON."""
    sealed = rekey.receipt_grant
    return canonical.write(
        {
            "schema": SCHEMA,
            "case": str(rekey.recipients.case),
            "reply": str(rekey.recipients.reply),
            "earlier": _b64(rekey.earlier),
            "readers": sorted(rekey.readers),
            "receipt_grant_id": rekey.receipt_grant_id,
            "receipt_grant": None if sealed is None else _b64(sealed),
        }
    )


def parse_rekey(data: bytes) -> Rekey:
    """The rekey in *data*. Raises Malformed, NewerFormat. Whether it holds is another question."""
    if len(data) > AT_MOST_REKEY_BYTES:
        raise Malformed("longer than any rekey")
    fields = Fields(canonical.read(data))
    fields.schema(SCHEMA)
    readers = fields.texts("readers")
    if list(readers) != sorted(set(readers)):
        raise Malformed("readers stand in order, each once")
    try:
        rekey = Rekey(
            TipRecipients(
                PQRecipient.parse(fields.text("case")), PQRecipient.parse(fields.text("reply"))
            ),
            frozenset(readers),
            _raw(fields.text("earlier")),
            None if fields.is_null("receipt_grant_id") else fields.id("receipt_grant_id"),
            None if fields.is_null("receipt_grant") else _raw(fields.text("receipt_grant")),
        )
    except ValueError as error:
        raise Malformed("a rekey that contradicts itself") from error
    fields.done()
    return rekey


def hash_rekey(data: bytes) -> bytes:
    """What an officer signs of a rekey: the SHA-256 of all its bytes."""
    return hashlib.sha256(data).digest()


def open_earlier(rekey: Rekey, case: PQIdentity, *, tip_id: str) -> TipKeys:
    """The pair before *rekey*, opened with the *case* identity after it.

    Raises Misplaced when it was made for another tip; WrongKey, Tampered, Malformed.
    """
    return _from_json(sealed_json.unseal(rekey.earlier, case), tip_id)


def all_keys(held: TipKeys, rekeys: Sequence[Rekey], *, tip_id: str) -> tuple[TipKeys, ...]:
    """*held*, and every pair before it that *rekeys* (oldest first) lead back to, newest first.

    Ends where a rekey does not lead on: not *held*'s own, or one that opens nothing or other keys
    than the rekey before it made. So all that is there if it is one longer than *rekeys*.
    """
    found = [held]
    for at in range(len(rekeys) - 1, -1, -1):
        if found[-1].recipients != rekeys[at].recipients:
            break
        try:
            earlier = open_earlier(rekeys[at], found[-1].case, tip_id=tip_id)
        except SealingError:
            break
        if at and earlier.recipients != rekeys[at - 1].recipients:
            break
        found.append(earlier)
    return tuple(found)


def _from_json(value: Mapping[str, JSON], tip_id: str) -> TipKeys:
    fields = Fields(value)
    fields.schema(SCHEMA)
    of = fields.id("tip_id")
    try:
        keys = TipKeys(
            PQIdentity.parse(fields.text("case")), PQIdentity.parse(fields.text("reply"))
        )
    except ValueError:
        # Not chained: the error below may quote a key.
        raise Malformed("earlier keys that contradict themselves") from None
    fields.done()
    if of != tip_id:
        raise Misplaced("these keys were made for another tip")
    return keys


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _raw(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("not base64") from None
    if _b64(data) != text:
        raise Malformed("not the base64 that this format writes")
    return data
