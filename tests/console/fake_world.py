"""What stands behind a desk that consoles are tested against: admin, recovery, officers with their
folders, and tips filed the way the bot files them.
"""

import base64
import copy
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from console.folder import CARD, KEYS, Folder
from sealing import (
    NOTHING_BEFORE,
    RECOVERY,
    SERVER,
    AdminKey,
    Author,
    BodyKey,
    Counts,
    DayHead,
    Details,
    Entry,
    FileFacts,
    Grant,
    Kind,
    Media,
    Officer,
    OfficerKeys,
    OriginalFile,
    OriginalKey,
    Part,
    RecoveryKey,
    Role,
    Roster,
    SigningKey,
    Summary,
    TipKeys,
    TipKind,
    VerifyKey,
    age,
    assign_statement,
    claim_statement,
    extend_statement,
    hold_statement,
    move_statement,
    part_statement,
    render,
    render_card,
    seal_grant,
    seal_keys,
    seal_part,
    seal_words,
    side_of,
    sign_roster,
    status_statement,
    unhold_statement,
)
from sealing.padding import padme
from tests.sealing.trails import SERVER_KEY

DAY = "2026-11-20"
PASSPHRASE = "correct horse battery"
LOW_COST = 4
PREFIX = "/desk/v1"

Answer = dict[str, Any]
Spoil = Callable[[Answer], None]


def b64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def unb64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def new_id() -> str:
    return secrets.token_hex(16)


@dataclass
class Tip:
    """A filed tip: its keys (which a real desk lacks) and what the desk has of it."""

    tip_id: str
    keys: TipKeys
    answer: Answer
    grants: dict[str, Answer]
    blobs: dict[str, bytes]
    originals: dict[str, str] = field(default_factory=dict)
    receipt: age.PQIdentity = field(default_factory=age.PQIdentity.generate)
    earlier: dict[str, list[Answer]] = field(default_factory=dict)
    told_to_count: list[tuple[Counts, Counts | None]] = field(default_factory=list)
    """What consoles had counted, and in place of what."""

    def append(self, part: Part, signature: bytes | None = None) -> None:
        side = side_of(part.author, part.kind)
        sealed = seal_part(part, self.keys.recipients.of(side))
        self.add_sealed(part, sealed.data, side, signature)

    def add_sealed(
        self, part: Part, sealed: bytes, side: str, signature: bytes | None = None
    ) -> None:
        self.answer["parts"].append(
            {
                "part_id": part.part_id,
                "seq": part.seq,
                "hash": b64(hashlib.sha256(sealed).digest()),
                "sealed": b64(sealed),
                "sealed_to": str(side),
                "author": str(part.author),
                "kind": str(part.kind),
                "day": part.day,
                "blob_id": part.file.blob_id if part.file else None,
                "size_class": len(sealed),
                "officer": part.officer,
                "signature": b64(signature),
            }
        )

    @property
    def head(self) -> tuple[int, bytes]:
        parts = self.answer["parts"]
        return (parts[-1]["seq"], unb64(parts[-1]["hash"])) if parts else (0, NOTHING_BEFORE)

    def told(
        self, kind: Kind = Kind.WORDS, author: Author = Author.REPORTER, **inside: Any
    ) -> Part:
        """The next part, as its author would write it."""
        seq, previous = self.head
        return Part(
            tip_id=self.tip_id,
            part_id=inside.pop("part_id", new_id()),
            seq=seq + 1,
            previous=previous,
            author=author,
            day=inside.pop("day", DAY),
            kind=kind,
            **inside,
        )


@dataclass
class Person:
    """An officer: keys, and the folder that their console works in."""

    keys: OfficerKeys
    home: Path
    centres: tuple[str, ...]
    roles: tuple[Role, ...] = (Role.OFFICER,)
    conflicts: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.keys.id

    @property
    def officer(self) -> Officer:
        keys = self.keys
        return Officer(
            keys.name,
            keys.age.recipient,
            keys.sign.verify_key,
            self.roles,
            self.centres,
            self.conflicts,
        )


@dataclass
class World:
    """Everything behind one desk."""

    base: Path
    origin: str
    admin: AdminKey = field(default_factory=lambda: AdminKey.generate("admin"))
    recovery: RecoveryKey = field(default_factory=lambda: RecoveryKey.generate("recovery"))
    people: list[Person] = field(default_factory=list)
    tips: dict[str, Tip] = field(default_factory=dict)
    roster_version: int = 1
    guessing_day: str | None = None
    restored_day: str | None = None
    backup_day: str | None = None
    roster: bytes = b""
    expires: str = "2099-12-31"
    # how the desk behaves
    tokens: dict[str, str] = field(default_factory=dict)
    session_keys: dict[str, VerifyKey] = field(default_factory=dict)
    numbers: set[tuple[str, int]] = field(default_factory=set)
    challenges: dict[str, str] = field(default_factory=dict)
    spoilt: dict[str, Spoil] = field(default_factory=dict)
    spoilt_roster: Callable[[], bytes] | None = None
    claims_to_be: str | None = None
    sign_ins: int = 0
    asked: list[str] = field(default_factory=list)
    has_standings: bool = True
    loses_answers_to: str = ""
    """What is posted to an address that ends so is done, and the answer gets lost."""
    gateway_says: dict[str, int] = field(default_factory=dict)
    """What stands before the desk answers in its place, by the method that is asked with."""
    before_append: Callable[[Tip], None] | None = None
    before_claim: Callable[[Tip], None] | None = None
    page: int = 50
    second_officer: tuple[str, ...] = ()
    trail: tuple[Entry, ...] = ()
    heads: tuple[DayHead, ...] = ()
    countersigned: dict[str, dict[str, bytes]] = field(default_factory=dict)
    server_key: SigningKey = SERVER_KEY
    moved_away: dict[str, Answer] = field(default_factory=dict)
    shredded: dict[str, Answer] = field(default_factory=dict)
    closed_days: int | None = None
    before_move: Callable[[Tip], None] | None = None
    before_handover: Callable[[Tip], None] | None = None
    bodies: list[BodyKey] = field(default_factory=list)
    before_withdraw: Callable[[Tip], None] | None = None
    centres: list[Answer] = field(default_factory=lambda: copy.deepcopy(CENTRES))
    figures: Answer | None = None
    """What the desk tells of the network; None plays a desk of before there were counters."""

    def join(
        self,
        name: str,
        *centres: str,
        roles: tuple[Role, ...] = (Role.OFFICER,),
        conflicts: tuple[str, ...] = (),
    ) -> Person:
        """A new officer in the roster, with a folder ready for their console."""
        keys = OfficerKeys.generate(name)
        home = self.base / keys.id
        folder = Folder(home)
        folder.make()
        folder.write(KEYS, seal_keys(keys, PASSPHRASE, LOW_COST))
        folder.write(CARD, render_card(keys))
        folder.write_settings(desk=self.origin, admin=str(self.admin.sign.verify_key), name=name)
        person = Person(keys, home, centres, roles, conflicts)
        self.people.append(person)
        self.sign_roster()
        return person

    def goes_with_a_centre_of(self, tip: Tip, officer: str) -> bool:
        """Whether *officer* reads the tip by a grant that goes with its centre or one above."""
        parents = {each["id"]: each.get("parent") for each in self.centres}
        above, centre = set(), tip.answer["centre"]
        while centre is not None:
            above.add(centre)
            centre = parents.get(centre)
        held = tip.grants.get(officer, {"released": False})
        person = next(each for each in self.people if each.id == officer)
        return bool(held["released"]) and not above.isdisjoint(person.centres)

    def sign_roster(self, version: int | None = None) -> bytes:
        if version is not None:
            self.roster_version = version
        roster = Roster(
            version=self.roster_version,
            day=DAY,
            expires=self.expires,
            recovery=self.recovery.age.recipient,
            officers=tuple(person.officer for person in self.people),
            bodies=tuple(self.bodies),
        )
        self.roster = sign_roster(render(roster), self.admin.sign)
        return self.roster

    def person(self, officer: str | None) -> Person | None:
        return next((person for person in self.people if person.id == officer), None)

    def file_tip(
        self,
        *to: Person,
        centre: str = "kkn",
        day: str = DAY,
        form: Answer | None = None,
        **marks: Any,
    ) -> Tip:
        """A tip as the bot files it: a form, then what *marks* and the caller add."""
        summary = Summary(
            **{
                "category": "embezzlement",
                "province": "TH-44",
                "kind": TipKind.CASE,
                "completeness_have": 4,
                "completeness_of": 5,
                **marks,
            }
        )
        keys, tip_id = TipKeys.generate(), new_id()
        tip = Tip(tip_id, keys, {}, {}, {}, receipt=age.PQIdentity.generate())
        tip.answer = {
            "tip_id": tip_id,
            "centre": centre,
            "status": "received",
            "status_day": day,
            "filed_day": day,
            "version": 1,
            "claimed_by": None,
            "claimed_by_name": None,
            "no_contact": False,
            "case_recipient": str(keys.recipients.case),
            "reply_recipient": str(keys.recipients.reply),
            "receipt_recipient": str(tip.receipt.recipient),
            "parts": [],
            "changes": [],
            "openings": [],
            "handovers": [],
        }
        for reader, recipient in (
            *((person.id, person.keys.age.recipient) for person in to),
            (RECOVERY, self.recovery.age.recipient),
        ):
            self.grant(tip, reader, recipient, summary, day)
        receipt = hashlib.sha256(tip.receipt.recipient.raw).hexdigest()
        tip.append(tip.told(Kind.FORM, form={**(form or FORM), "receipt": receipt}, day=day))
        self.tips[tip_id] = tip
        return tip

    def grant(
        self, tip: Tip, to: str, recipient: age.PQRecipient, summary: Summary, day: str = DAY
    ) -> None:
        grant = Grant(new_id(), tip.tip_id, to, tip.keys.case, tip.keys.reply, summary, day, SERVER)
        tip.grants[to] = {
            "grant_id": grant.grant_id,
            "officer": to,
            "released": True,
            "granted_by": SERVER,
            "sealed": b64(seal_grant(grant, recipient)),
            "signature": None,
        }

    def add_file(
        self,
        tip: Tip,
        data: bytes,
        *,
        name: str | None = "photo.png",
        media: Media = Media.PHOTO,
        mime: str = "image/png",
        own_key: age.PQIdentity | None = None,
        details: Details = Details.NONE,
    ) -> FileFacts:
        facts = FileFacts(
            new_id(), len(data), hashlib.sha256(data).hexdigest(), media, mime, name, details,
            seed=None if own_key is None else own_key.seed,
        )  # fmt: skip
        padded = data.ljust(padme(len(data)), b"\0")
        recipient = tip.keys.recipients.case if own_key is None else own_key.recipient
        tip.blobs[facts.blob_id] = age.encrypt(padded, recipient)
        tip.append(tip.told(Kind.FILE, file=facts, question="leads"))
        return facts

    def add_words(self, tip: Tip, sent: str, redacted: str) -> OriginalKey:
        """Words out of which a phone number was taken; the key is what the reporter holds."""
        identity, part_id = age.PQIdentity.generate(), new_id()
        original = seal_words(sent, identity.recipient, tip_id=tip.tip_id, part_id=part_id)
        tip.append(
            tip.told(
                part_id=part_id,
                words=redacted,
                question="what",
                found=("phone",),
                original=original,
            )
        )
        return OriginalKey(part_id, identity.seed)

    def add_cleaned(self, tip: Tip, sent: bytes, cleaned: bytes) -> OriginalKey:
        """A photo without its place, and the photo as it was sent."""
        identity, part_id, blob_id = age.PQIdentity.generate(), new_id(), new_id()
        padded = sent.ljust(padme(len(sent)), b"\0")
        tip.blobs[blob_id] = age.encrypt(padded, identity.recipient)
        tip.originals[blob_id] = part_id
        digest = hashlib.sha256(cleaned).hexdigest()
        facts = FileFacts(
            new_id(), len(cleaned), digest, Media.PHOTO, "image/png", "a.png", Details.CLEANED
        )
        padded = cleaned.ljust(padme(len(cleaned)), b"\0")
        tip.blobs[facts.blob_id] = age.encrypt(padded, tip.keys.recipients.case)
        original = OriginalFile(blob_id, len(sent), hashlib.sha256(sent).hexdigest())
        tip.append(
            tip.told(
                Kind.FILE,
                part_id=part_id,
                file=facts,
                question="leads",
                found=("place", "time"),
                original=original,
            )
        )
        return OriginalKey(part_id, identity.seed)

    def give_away(self, tip: Tip, key: OriginalKey, *, is_answered: bool = True) -> None:
        """The reporter lets an original be seen."""
        tip.append(tip.told(Kind.KEY, key=replace(key, is_answered=is_answered)))

    def officer_part(self, tip: Tip, by: Person, words: str, kind: Kind = Kind.MESSAGE) -> Part:
        """A part that *by*'s console would have written and signed."""
        part = tip.told(kind, Author.OFFICER, words=words, officer=by.id)
        side = side_of(part.author, part.kind)
        sealed = seal_part(part, tip.keys.recipients.of(side))
        tip.add_sealed(part, sealed.data, side, by.keys.sign.sign(about(part, sealed.hash)))
        return part

    def spoil(self, what: str, how: Spoil) -> None:
        """Change every answer of kind *what* ("tip", "tips", "me", "challenge", …) with *how*."""
        self.spoilt[what] = how

    def behave(self) -> None:
        self.spoilt.clear()
        self.spoilt_roster = None

    def expire_tokens(self) -> None:
        self.tokens.clear()


CENTRES: list[Answer] = [
    {"id": "hq", "name_th": "ส่วนกลาง", "name_en": "Headquarters", "parent": None, "agency": None},
    {"id": "kkn", "name_th": "ขอนแก่น", "name_en": "Khon Kaen", "parent": "hq", "agency": None},
    {"id": "udn", "name_th": "อุดรธานี", "name_en": "Udon Thani", "parent": "hq", "agency": None},
    {"id": "inside", "name_th": "ในกรม", "name_en": "Inside", "parent": "hq", "agency": "land"},
]
FORM: Answer = {
    "schema": 1,
    "kind": "case",
    "answers": {
        "category": {"value": "embezzlement"},
        "province": {"value": "TH-44"},
        "agency": {"value": "confirmed"},
        "when": {"value": "2026-08-03"},
        "who": {"counts": {"words": 1}},
        "where": {"skipped": True},
        "more": {"ids": ["reported_elsewhere", "afraid"]},
    },
}


def about(part: Part, sealed_hash: bytes) -> Any:
    return part_statement(
        tip_id=part.tip_id,
        part_id=part.part_id,
        seq=part.seq,
        previous=part.previous,
        sealed_hash=sealed_hash,
        kind=part.kind,
        day=part.day,
        officer=part.officer or "",
    )


def recovery_rows(world: World) -> list[Answer]:
    return [
        {
            "tip_id": tip.tip_id,
            "centre": tip.answer["centre"],
            "filed_day": tip.answer["filed_day"],
            "grant": tip.grants[RECOVERY],
            "grants": [g | {"sealed": None} for g in tip.grants.values()],
            "forms": [part for part in tip.answer["parts"] if part["kind"] == "form"],
            "rekeys": [c["rekey"] for c in tip.answer["changes"] if c["kind"] == "rekey"],
            "earlier": tip.earlier.get(RECOVERY, []),
            "withdrawn": [c["to_officer"] for c in tip.answer["changes"] if c["kind"] == "rekey"],
        }
        for tip in world.tips.values()
    ]


def claimed(tip: Tip, person: Person, deed: str, day: str, signature: str) -> None:
    """Record that *person* claimed or released *tip*."""
    is_claim = deed == "claim"
    tip.answer["version"] += 1
    tip.answer["claimed_by"] = person.id if is_claim else None
    tip.answer["claimed_by_name"] = person.keys.name if is_claim else None
    tip.answer["changes"].append(
        {
            "version": tip.answer["version"],
            "kind": deed,
            "status": None,
            "officer": person.id,
            "day": day,
            "part_id": None,
            "signature": signature,
        }
    )


def assigned(tip: Tip, by: Person, to: Person, day: str, signature: str) -> None:
    """Record that *by* gave *tip* to *to*."""
    tip.answer["version"] += 1
    tip.answer |= {"claimed_by": to.id, "claimed_by_name": to.keys.name}
    tip.answer["changes"].append(
        {
            "version": tip.answer["version"],
            "kind": "assign",
            "status": None,
            "officer": by.id,
            "day": day,
            "part_id": None,
            "signature": signature,
            "to_officer": to.id,
        }
    )


def assign_as(tip: Tip, by: Person, to: Person) -> None:
    """*by* gives *tip* to *to* from another console."""
    statement = assign_statement(
        tip_id=tip.tip_id,
        version=tip.answer["version"],
        to_officer=to.id,
        day=DAY,
        officer=by.id,
    )
    assigned(tip, by, to, DAY, b64(by.keys.sign.sign(statement)) or "")


def moved(tip: Tip, person: Person, to: str, day: str, part_id: str | None, signature: str) -> None:
    """Record that *person* moved *tip* to the centre *to*."""
    came_from = tip.answer["centre"]
    tip.answer["version"] += 1
    tip.answer |= {"centre": to, "claimed_by": None, "claimed_by_name": None}
    tip.answer["changes"].append(
        {
            "version": tip.answer["version"],
            "kind": "move",
            "status": None,
            "officer": person.id,
            "day": day,
            "part_id": part_id,
            "signature": signature,
            "from_centre": came_from,
            "to_centre": to,
        }
    )


def extended(
    tip: Tip, person: Person, until_day: str, day: str, part_id: str | None, signature: str
) -> None:
    """Record that *person* gave *tip* until *until_day*."""
    tip.answer["version"] += 1
    tip.answer["due_day"] = until_day
    tip.answer["changes"].append(
        {
            "version": tip.answer["version"],
            "kind": "extend",
            "status": None,
            "officer": person.id,
            "day": day,
            "part_id": part_id,
            "signature": signature,
            "until_day": until_day,
        }
    )


def climbed(tip: Tip, to: str, day: str, **changed: object) -> None:
    """Record that *tip* climbed to the centre *to*, whose officers' grants are good now."""
    tip.answer["version"] += 1
    change = {
        "version": tip.answer["version"],
        "kind": "escalate",
        "status": None,
        "officer": None,
        "day": day,
        "part_id": None,
        "signature": None,
        "from_centre": tip.answer["centre"],
        "to_centre": to,
    }
    tip.answer["changes"].append({**change, **changed})


def extend_as(tip: Tip, person: Person, until_day: str) -> None:
    """*person* gives *tip* more time from another console."""
    part_id = new_id()
    statement = extend_statement(
        tip_id=tip.tip_id,
        version=tip.answer["version"],
        until_day=until_day,
        day=DAY,
        officer=person.id,
        sentence_part_id=part_id,
    )
    extended(tip, person, until_day, DAY, part_id, b64(person.keys.sign.sign(statement)) or "")


def held(
    tip: Tip, person: Person, day: str, part_id: str | None, signature: str, *, is_held: bool
) -> None:
    """Record that *person* put *tip* on hold, or lifted that."""
    now = tip.answer
    now |= {"version": now["version"] + 1, "is_held": is_held, "expire_day": None}
    now["changes"].append(
        {
            "version": now["version"],
            "kind": "hold" if is_held else "unhold",
            "status": None,
            "officer": person.id,
            "day": day,
            "part_id": part_id,
            "signature": signature,
        }
    )


def hold_as(tip: Tip, world: World, person: Person, *, is_held: bool) -> None:
    """*person* puts *tip* on hold from another console, or lifts that."""
    note = world.officer_part(tip, person, "ศาลอาจเรียก", Kind.NOTE)
    statement = (hold_statement if is_held else unhold_statement)(
        tip_id=tip.tip_id,
        version=tip.answer["version"],
        reason_part_id=note.part_id,
        day=DAY,
        officer=person.id,
    )
    signature = b64(person.keys.sign.sign(statement)) or ""
    held(tip, person, DAY, note.part_id, signature, is_held=is_held)


def withdrawn(tip: Tip, person: Person, body: Answer) -> None:
    """Record a withdrawal by *person* as their console sent it; the reason is there already."""
    out, now = body["withdrawn"], tip.answer
    now["version"] += 1
    if now["claimed_by"] == out:
        now |= {"claimed_by": None, "claimed_by_name": None}
    said = json.loads(unb64(body["rekey"]))
    now |= {"case_recipient": said["case"], "reply_recipient": said["reply"]}
    made = {grant["officer"]: grant for grant in body["grants"]}
    for reader, held in list(tip.grants.items()):
        if reader not in made:
            del tip.grants[reader]
            continue
        tip.earlier.setdefault(reader, []).append(held)
        new = {k: made[reader][k] for k in ("grant_id", "sealed", "signature")}
        tip.grants[reader] = {**held, **new, "granted_by": person.id}
    now["changes"].append(
        {
            "version": now["version"],
            "kind": "rekey",
            "status": None,
            "officer": person.id,
            "day": body["day"],
            "part_id": body["reason"]["part_id"],
            "signature": body["signature"],
            "to_officer": out,
            "rekey": body["rekey"],
        }
    )


def move_as(tip: Tip, person: Person, to: str) -> None:
    """*person* moves *tip* from another console."""
    part_id = new_id()
    statement = move_statement(
        tip_id=tip.tip_id,
        version=tip.answer["version"],
        from_centre=tip.answer["centre"],
        to_centre=to,
        day=DAY,
        officer=person.id,
        sentence_part_id=part_id,
    )
    moved(tip, person, to, DAY, part_id, b64(person.keys.sign.sign(statement)) or "")


def status_as(tip: Tip, world: World, person: Person, status: str) -> None:
    """*person* sets the status from another console, with a sentence."""
    sentence = world.officer_part(tip, person, "ปิดเรื่องแล้ว", Kind.STATUS)
    version = tip.answer["version"]
    statement = status_statement(
        tip_id=tip.tip_id,
        version=version,
        status=status,
        day=DAY,
        officer=person.id,
        sentence_part_id=sentence.part_id,
    )
    tip.answer |= {"version": version + 1, "status": status, "status_day": DAY, "last_word": None}
    tip.answer["changes"].append(
        {
            "version": version + 1,
            "kind": "status",
            "status": status,
            "officer": person.id,
            "day": DAY,
            "part_id": sentence.part_id,
            "signature": b64(person.keys.sign.sign(statement)),
        }
    )


def reporter_says(tip: Tip, word: str, why: str | None = None, *, question: str = "reopen") -> None:
    """The reporter of an ended tip says *word* ("confirm", "reopen"), as the bot writes it."""
    part_id = None
    if why is not None:
        part = tip.told(words=why, question=question)
        tip.append(part)
        part_id = part.part_id
    tip.answer["version"] += 1
    tip.answer["last_word"] = word
    is_reopened = word == "reopen"
    if is_reopened:
        tip.answer |= {"status": "in_progress", "status_day": DAY}
    tip.answer["changes"].append(
        {
            "version": tip.answer["version"],
            "kind": word,
            "status": "in_progress" if is_reopened else None,
            "officer": None,
            "day": DAY,
            "part_id": part_id,
            "signature": None,
        }
    )


def claim_as(tip: Tip, person: Person) -> None:
    """*person* claims *tip* from another console."""
    statement = claim_statement(
        tip_id=tip.tip_id, version=tip.answer["version"], officer=person.id, day=DAY
    )
    claimed(tip, person, "claim", DAY, b64(person.keys.sign.sign(statement)) or "")
