"""A desk to test consoles against: a real HTTP server on loopback, in memory, that follows the
desk API.

It checks what the real desk checks (tokens, holders, stale parts, signatures) and can play
hostile: `spoil` changes an answer on its way out. `World` makes what stands behind a desk:
admin, recovery, officers with their folders, and tips filed the way the bot files them.
"""

import base64
import copy
import hashlib
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from console.folder import CARD, KEYS, Folder
from sealing import (
    NOTHING_BEFORE,
    RECOVERY,
    SERVER,
    AdminKey,
    Author,
    Details,
    FileFacts,
    Forged,
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
    Summary,
    TipKeys,
    TipKind,
    age,
    claim_statement,
    grant_statement,
    move_statement,
    part_statement,
    release_statement,
    render,
    render_card,
    seal_grant,
    seal_keys,
    seal_part,
    seal_words,
    side_of,
    sign_in_statement,
    sign_roster,
    status_statement,
)
from sealing.padding import padme

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
    roster: bytes = b""
    expires: str = "2099-12-31"
    # how the desk behaves
    tokens: dict[str, str] = field(default_factory=dict)
    challenges: dict[str, str] = field(default_factory=dict)
    spoilt: dict[str, Spoil] = field(default_factory=dict)
    spoilt_roster: Callable[[], bytes] | None = None
    claims_to_be: str | None = None
    sign_ins: int = 0
    before_append: Callable[[Tip], None] | None = None
    before_claim: Callable[[Tip], None] | None = None
    page: int = 50
    moved_away: dict[str, Answer] = field(default_factory=dict)
    before_move: Callable[[Tip], None] | None = None
    centres: list[Answer] = field(default_factory=lambda: copy.deepcopy(CENTRES))

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

    def sign_roster(self, version: int | None = None) -> bytes:
        if version is not None:
            self.roster_version = version
        roster = Roster(
            version=self.roster_version,
            day=DAY,
            expires=self.expires,
            recovery=self.recovery.age.recipient,
            officers=tuple(person.officer for person in self.people),
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
        tip = Tip(tip_id, keys, {}, {}, {})
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
            "parts": [],
            "changes": [],
        }
        for reader, recipient in (
            *((person.id, person.keys.age.recipient) for person in to),
            (RECOVERY, self.recovery.age.recipient),
        ):
            self.grant(tip, reader, recipient, summary, day)
        tip.append(tip.told(Kind.FORM, form=form or FORM, day=day))
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
    ) -> FileFacts:
        facts = FileFacts(
            new_id(), len(data), hashlib.sha256(data).hexdigest(), media, mime, name,
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


class DeskServer:
    """One server for a whole test run; each test puts its own `world` behind it."""

    def __init__(self) -> None:
        self.world: World | None = None
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            _app(self), log_config=None, access_log=False, lifespan="off", timeout_keep_alive=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )

    @contextmanager
    def running(self) -> Iterator["DeskServer"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._server.should_exit = True
            self._thread.join(10)
            self._socket.close()

    @property
    def here(self) -> World:
        if self.world is None:
            raise HTTPException(503)
        return self.world


def _no(status: int, code: str, says: str = "", **facts: object) -> JSONResponse:
    return JSONResponse({"error": code, "says": says or code, **facts}, status)


def _app(server: DeskServer) -> FastAPI:
    app = FastAPI()

    def out(what: str, answer: Answer) -> JSONResponse:
        answer = copy.deepcopy(answer)
        if what in server.here.spoilt:
            server.here.spoilt[what](answer)
        return JSONResponse(answer)

    def caller(request: Request) -> Person | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return server.here.person(server.here.tokens.get(token))

    def tip_for(person: Person, tip_id: str) -> Tip | None:
        tip = server.here.tips.get(tip_id)
        if tip is None or not tip.grants.get(person.id, {"released": False})["released"]:
            return None
        return tip

    @app.post(PREFIX + "/challenge")
    async def challenge(request: Request) -> Response:
        body = await request.json()
        fresh = secrets.token_bytes(32)
        server.here.challenges[b64(fresh) or ""] = body["officer"]
        origin = server.here.claims_to_be or server.origin
        return out("challenge", {"challenge": b64(fresh), "desk": origin, "expires_s": 60})

    @app.post(PREFIX + "/sign-in")
    async def sign_in(request: Request) -> Response:
        body, world = await request.json(), server.here
        person = world.person(world.challenges.pop(body["challenge"], None))
        if person is None or person.id != body["officer"]:
            return _no(403, "sign_in")
        statement = sign_in_statement(
            desk_origin=server.origin, challenge=unb64(body["challenge"]), officer=person.id
        )
        try:
            person.keys.sign.verify_key.verify(statement, unb64(body["signature"]))
        except Forged:
            return _no(403, "sign_in")
        world.sign_ins += 1
        token = secrets.token_urlsafe(24)
        world.tokens[token] = person.id
        return out("sign-in", {"token": token, "expires_s": 600})

    @app.post(PREFIX + "/sign-out")
    async def sign_out(request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        server.here.tokens.pop(token, None)
        return Response(status_code=204)

    @app.get(PREFIX + "/me")
    async def me(request: Request) -> Response:
        person = caller(request)
        if person is None:
            return _no(401, "signed_out")
        centres = [{"id": c, "name_th": "ขอนแก่น", "name_en": "Khon Kaen"} for c in person.centres]
        return out(
            "me",
            {
                "officer": person.id,
                "name": person.keys.name,
                "roles": list(person.roles),
                "centres": centres,
                "roster_version": server.here.roster_version,
                "guessing_day": server.here.guessing_day,
            },
        )

    @app.get(PREFIX + "/roster")
    async def roster(request: Request) -> Response:
        if caller(request) is None:
            return _no(401, "signed_out")
        make = server.here.spoilt_roster
        return Response(make() if make else server.here.roster, media_type="text/plain")

    @app.get(PREFIX + "/tips")
    async def tips(
        request: Request, after: str | None = None, limit: int = 50, status: str | None = None
    ) -> Response:
        person = caller(request)
        if person is None:
            return _no(401, "signed_out")
        mine = [t for t in server.here.tips.values() if tip_for(person, t.tip_id)]
        if status:
            mine = [t for t in mine if t.answer["status"] in status.split(",")]
        mine.sort(key=lambda t: (t.answer["filed_day"], t.tip_id), reverse=True)
        if after:
            mine = [t for t in mine if f"{t.answer['filed_day']}.{t.tip_id}" < after]
        shown = mine[:limit]
        last = f"{shown[-1].answer['filed_day']}.{shown[-1].tip_id}" if shown else None
        rows = []
        for tip in shown:
            row = {
                k: v
                for k, v in tip.answer.items()
                if k not in ("parts", "changes", "case_recipient", "reply_recipient")
            }
            rows.append(row | {"parts": len(tip.answer["parts"]), "grant": tip.grants[person.id]})
        return out("tips", {"tips": rows, "next": last if len(mine) > limit else None})

    @app.get(PREFIX + "/tips/{tip_id}")
    async def one(request: Request, tip_id: str) -> Response:
        person = caller(request)
        if person is None:
            return _no(401, "signed_out")
        if person.id in server.here.moved_away:
            proof = server.here.moved_away[person.id]
            return JSONResponse({"error": "gone", "says": "gone", **proof}, 410)
        tip = tip_for(person, tip_id)
        if tip is None:
            return _no(404, "not_found")
        others = [g | ({} if g["signature"] else {"sealed": None}) for g in tip.grants.values()]
        return out("tip", tip.answer | {"grant": tip.grants[person.id], "grants": others})

    @app.get(PREFIX + "/tips/{tip_id}/blobs/{blob_id}")
    async def blob(request: Request, tip_id: str, blob_id: str) -> Response:
        person = caller(request)
        if person is None:
            return _no(401, "signed_out")
        tip = tip_for(person, tip_id)
        if tip is None or blob_id not in tip.blobs:
            return _no(404, "not_found")
        answer = {"blob": tip.blobs[blob_id]}
        if "blob" in server.here.spoilt:
            server.here.spoilt["blob"](answer)
        data = answer["blob"]
        pieces = (data[at : at + 50_000] for at in range(0, len(data), 50_000))
        return StreamingResponse(pieces, media_type="application/octet-stream")

    async def hold(request: Request, tip_id: str, deed: str) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return _no(401, "signed_out")
        tip = tip_for(person, tip_id)
        if tip is None:
            return _no(404, "not_found")
        if server.here.before_claim:
            server.here.before_claim(tip)
        make = claim_statement if deed == "claim" else release_statement
        statement = make(tip_id=tip_id, version=body["version"], officer=person.id, day=body["day"])
        try:
            person.keys.sign.verify_key.verify(statement, unb64(body["signature"]))
        except Forged:
            return _no(403, "signature")
        holder = tip.answer["claimed_by"]
        wanted = None if deed == "claim" else person.id
        if holder != wanted or tip.answer["version"] != body["version"]:
            return _no(
                409,
                "moved",
                claimed_by=holder,
                claimed_by_name=tip.answer["claimed_by_name"],
                version=tip.answer["version"],
            )
        claimed(tip, person, deed, body["day"], body["signature"])
        return JSONResponse(
            {"version": tip.answer["version"], "claimed_by": tip.answer["claimed_by"]}
        )

    @app.post(PREFIX + "/tips/{tip_id}/claim")
    async def claim(request: Request, tip_id: str) -> Response:
        return await hold(request, tip_id, "claim")

    @app.post(PREFIX + "/tips/{tip_id}/release")
    async def release(request: Request, tip_id: str) -> Response:
        return await hold(request, tip_id, "release")

    def appended(tip: Tip, person: Person, body: Answer) -> Response | None:
        seq, previous = tip.head
        if body["seq"] != seq + 1:
            return _no(409, "grown", seq=seq, hash=b64(previous))
        sealed = unb64(body["sealed"])
        statement = part_statement(
            tip_id=tip.tip_id,
            part_id=body["part_id"],
            seq=body["seq"],
            previous=previous,
            sealed_hash=hashlib.sha256(sealed).digest(),
            kind=body["kind"],
            day=body["day"],
            officer=person.id,
        )
        try:
            person.keys.sign.verify_key.verify(statement, unb64(body["signature"]))
        except Forged:
            return _no(403, "signature")
        tip.answer["parts"].append(
            {
                "part_id": body["part_id"],
                "seq": body["seq"],
                "hash": b64(hashlib.sha256(sealed).digest()),
                "sealed": body["sealed"],
                "sealed_to": body["sealed_to"],
                "author": "officer",
                "kind": body["kind"],
                "day": body["day"],
                "blob_id": None,
                "size_class": len(sealed),
                "officer": person.id,
                "signature": body["signature"],
            }
        )
        return None

    @app.post(PREFIX + "/tips/{tip_id}/parts", status_code=201)
    async def add(request: Request, tip_id: str) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return _no(401, "signed_out")
        tip = tip_for(person, tip_id)
        if tip is None:
            return _no(404, "not_found")
        if server.here.before_append:
            server.here.before_append(tip)
        refused = appended(tip, person, body)
        return refused or JSONResponse({"seq": body["seq"]}, 201)

    @app.post(PREFIX + "/tips/{tip_id}/status")
    async def status(request: Request, tip_id: str) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return _no(401, "signed_out")
        tip = tip_for(person, tip_id)
        if tip is None:
            return _no(404, "not_found")
        statement = status_statement(
            tip_id=tip_id,
            version=body["version"],
            status=body["status"],
            day=body["day"],
            officer=person.id,
            sentence_part_id=body["sentence"]["part_id"],
        )
        try:
            person.keys.sign.verify_key.verify(statement, unb64(body["signature"]))
        except Forged:
            return _no(403, "signature")
        refused = appended(tip, person, body["sentence"])
        if refused:
            return refused
        tip.answer["version"] += 1
        tip.answer |= {"status": body["status"], "status_day": body["day"]}
        tip.answer["changes"].append(
            {
                "version": tip.answer["version"],
                "kind": "status",
                "status": body["status"],
                "officer": person.id,
                "day": body["day"],
                "part_id": body["sentence"]["part_id"],
                "signature": body["signature"],
            }
        )
        return JSONResponse({"version": tip.answer["version"]})

    @app.get(PREFIX + "/centres")
    async def centres(request: Request) -> Response:
        if caller(request) is None:
            return _no(401, "signed_out")
        return out("centres", {"centres": server.here.centres})

    @app.post(PREFIX + "/tips/{tip_id}/move")
    async def move(request: Request, tip_id: str) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return _no(401, "signed_out")
        tip = tip_for(person, tip_id)
        if tip is None:
            return _no(404, "not_found")
        if server.here.before_move:
            server.here.before_move(tip)
        now = tip.answer
        if body["version"] != now["version"]:
            return _no(409, "moved", version=now["version"], claimed_by=now["claimed_by"])
        statement = move_statement(
            tip_id=tip_id,
            version=body["version"],
            from_centre=now["centre"],
            to_centre=body["to"],
            day=body["day"],
            officer=person.id,
            sentence_part_id=body["sentence"]["part_id"],
        )
        try:
            person.keys.sign.verify_key.verify(statement, unb64(body["signature"]))
        except Forged:
            return _no(403, "signature")
        refused = appended(tip, person, body["reason"]) or appended(tip, person, body["sentence"])
        if refused:
            return refused
        for grant in body["grants"]:
            reader = server.here.person(grant["officer"])
            is_there = reader is not None and body["to"] in reader.centres
            tip.grants[grant["officer"]] = {
                **{k: grant[k] for k in ("grant_id", "officer", "sealed", "signature")},
                "released": is_there,
                "granted_by": person.id,
            }
        moved(tip, person, body["to"], body["day"], body["sentence"]["part_id"], body["signature"])
        return JSONResponse({"version": now["version"]})

    @app.post(PREFIX + "/tips/{tip_id}/grants", status_code=201)
    async def grants(request: Request, tip_id: str) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return _no(401, "signed_out")
        tip = server.here.tips.get(tip_id)
        if tip is None or not (tip_for(person, tip_id) or Role.ADMIN in person.roles):
            return _no(404, "not_found")
        statement = grant_statement(
            grant_id=body["grant_id"],
            tip_id=tip_id,
            to=body["officer"],
            sealed=unb64(body["sealed"]),
            day=body["day"],
            by=person.id,
        )
        try:
            person.keys.sign.verify_key.verify(statement, unb64(body["signature"]))
        except Forged:
            return _no(403, "signature")
        tip.grants[body["officer"]] = {
            "grant_id": body["grant_id"],
            "officer": body["officer"],
            "released": True,
            "granted_by": person.id,
            "sealed": body["sealed"],
            "signature": body["signature"],
        }
        return Response(status_code=201)

    @app.get(PREFIX + "/recovery/tips")
    async def recovery(request: Request) -> Response:
        person = caller(request)
        if person is None:
            return _no(401, "signed_out")
        if Role.ADMIN not in person.roles:
            return _no(403, "not_admin", "Only an admin may list the grants to recovery.")
        return out("recovery", {"tips": recovery_rows(server.here), "next": None})

    return app


def recovery_rows(world: World) -> list[Answer]:
    return [
        {
            "tip_id": tip.tip_id,
            "centre": tip.answer["centre"],
            "filed_day": tip.answer["filed_day"],
            "grant": tip.grants[RECOVERY],
            "grants": [g | {"sealed": None} for g in tip.grants.values()],
            "forms": [part for part in tip.answer["parts"] if part["kind"] == "form"],
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


def claim_as(tip: Tip, person: Person) -> None:
    """*person* claims *tip* from another console."""
    statement = claim_statement(
        tip_id=tip.tip_id, version=tip.answer["version"], officer=person.id, day=DAY
    )
    claimed(tip, person, "claim", DAY, b64(person.keys.sign.sign(statement)) or "")
