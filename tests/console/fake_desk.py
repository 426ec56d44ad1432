"""A desk to test consoles against: a real HTTP server on loopback, in memory, that follows the
desk API.

It checks what the real desk checks (tokens, holders, stale parts, signatures) and can play
hostile: `World.spoil` changes an answer on its way out.
"""

import copy
import hashlib
import json
import secrets
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from sealing import (
    Counts,
    Forged,
    Malformed,
    Role,
    Statement,
    VerifyKey,
    assign_statement,
    claim_statement,
    count_statement,
    extend_statement,
    grant_statement,
    hold_statement,
    move_statement,
    part_statement,
    rekey_statement,
    release_statement,
    sign_in_statement,
    status_statement,
    unhold_statement,
)
from sealing.counts import MEASURES
from sealing.proofs import HEADER, Proof, request_statement
from tests.console.fake_audit import add_audit
from tests.console.fake_seconded import HANDOVER, OPENING, add_seconded, lets
from tests.console.fake_world import (
    PREFIX,
    Answer,
    Person,
    Tip,
    World,
    assigned,
    b64,
    claimed,
    extended,
    held,
    moved,
    recovery_rows,
    unb64,
    withdrawn,
)
from tests.loopback import listening

KEEP_ALIVE_S = 5
"""As the real desk (test_desk_wire.py compares them)."""


class DeskServer:
    """One server for a whole test run; each test puts its own `world` behind it."""

    def __init__(self) -> None:
        self.world: World | None = None
        self._socket = listening()
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            _app(self),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_keep_alive=KEEP_ALIVE_S,
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


def _counted(person: Person, tip: Tip, body: Answer) -> Answer | None:
    """What the real desk keeps of what is to be counted; None for what they did not sign."""
    told = body.get("counts")
    if told is None:
        return {}
    counts = _read_counts(told)
    before = None if told["before"] is None else _read_counts(told["before"])
    statement = count_statement(
        tip_id=tip.tip_id,
        version=body["version"],
        counts_hash=counts.hash(tip.tip_id),
        day=body["day"],
        officer=person.id,
    )
    if not has_signed(person, statement, told):
        return None
    tip.told_to_count.append((counts, before))
    return {"counts_hash": b64(counts.hash(tip.tip_id)), "counts_signature": told["signature"]}


def _read_counts(told: Answer) -> Counts:
    salt = unb64(told["salt"]).hex()
    return Counts.read({**{name: told[name] for name in MEASURES}, "salt": salt})


def _no(status: int, code: str, says: str = "", **facts: object) -> JSONResponse:
    return JSONResponse({"error": code, "says": says or code, **facts}, status)


def has_signed(person: Person, statement: Statement, body: Answer) -> bool:
    try:
        person.keys.sign.verify_key.verify(statement, unb64(body["signature"]))
    except Forged:
        return False
    return True


def _app(server: DeskServer) -> FastAPI:
    app = FastAPI()

    def out(what: str, answer: Answer) -> JSONResponse:
        server.here.asked.append(what)
        answer = copy.deepcopy(answer)
        if what in server.here.spoilt:
            server.here.spoilt[what](answer)
        return JSONResponse(answer)

    @app.middleware("http")
    async def proven(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        """As at the real desk, a token is worth nothing without its session key's proof."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in server.here.tokens:
            return await go_on(request)
        query = f"?{request.url.query}" if request.url.query else ""
        try:
            proof = Proof.parse(request.headers.get(HEADER, ""))
            statement = request_statement(
                desk_origin=server.origin,
                token=token,
                method=request.method,
                target=request.url.path + query,
                body=await request.body(),
                counter=proof.counter,
            )
            server.here.session_keys[token].verify(statement, proof.signature)
        except (Malformed, Forged):
            return _no(401, "signed_out")
        if (token, proof.counter) in server.here.numbers:
            return _no(401, "signed_out")
        server.here.numbers.add((token, proof.counter))
        if request.method in server.here.gateway_says:
            return Response(status_code=server.here.gateway_says[request.method])
        answer = await go_on(request)
        lost = server.here.loses_answers_to
        if request.method == "POST" and lost and request.url.path.endswith(lost):
            return Response(headers={"Content-Length": "9"})  # never comes: the connection breaks
        return answer

    def caller(request: Request) -> Person | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return server.here.person(server.here.tokens.get(token))

    def tip_for(person: Person, tip_id: str) -> Tip | None:
        tip = server.here.tips.get(tip_id)
        if tip is None or not tip.grants.get(person.id, {"released": False})["released"]:
            return None
        return tip

    def shut_out(person: Person, tip_id: str) -> Response | None:
        tip = server.here.tips.get(tip_id)
        rekeys = [
            change
            for change in (tip.answer["changes"] if tip else ())
            if change.get("to_officer") == person.id and change["kind"] == "rekey"
        ]
        return (
            JSONResponse({"error": "gone", "says": "gone", **rekeys[-1]}, 410) if rekeys else None
        )

    @app.post(PREFIX + "/challenge")
    async def challenge(request: Request) -> Response:
        body = await request.json()
        fresh = secrets.token_bytes(32)
        server.here.challenges[b64(fresh) or ""] = body["officer"]
        origin = server.here.claims_to_be or server.origin
        return out(
            "challenge", {"challenge": b64(fresh), "desk": origin, "expires_s": 60, "version": 2}
        )

    @app.post(PREFIX + "/sign-in")
    async def sign_in(request: Request) -> Response:
        body, world = await request.json(), server.here
        person = world.person(world.challenges.pop(body["challenge"], None))
        if person is None or person.id != body["officer"]:
            return _no(403, "sign_in")
        session_key = VerifyKey(unb64(body["session_key"]))
        statement = sign_in_statement(
            desk_origin=server.origin,
            challenge=unb64(body["challenge"]),
            officer=person.id,
            session_key=session_key,
        )
        try:
            person.keys.sign.verify_key.verify(statement, unb64(body["signature"]))
        except Forged:
            return _no(403, "sign_in")
        world.sign_ins += 1
        token = secrets.token_urlsafe(24)
        world.tokens[token] = person.id
        world.session_keys[token] = session_key
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
                "restored_day": server.here.restored_day,
                "backup_day": server.here.backup_day,
            },
        )

    @app.get(PREFIX + "/roster")
    async def roster(request: Request) -> Response:
        if caller(request) is None:
            return _no(401, "signed_out")
        make = server.here.spoilt_roster
        return Response(make() if make else server.here.roster, media_type="text/plain")

    @app.get(PREFIX + "/standings")
    async def standings(request: Request, after: str | None = None, limit: int = 200) -> Response:
        if not server.here.has_standings:
            return _no(404, "not_found")
        answer = json.loads((await tips(request, after, limit)).body)
        server.here.asked[-1] = "standings"
        for tip in answer.get("tips", ()):
            tip["grant_id"] = tip.pop("grant")["grant_id"]
        return JSONResponse(answer, 200 if "tips" in answer else 401)

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
                if k not in ("parts", "changes", "openings") and not k.endswith("recipient")
            }
            row["openings_waiting"] = sum(o["open_day"] is None for o in tip.answer["openings"])
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
        if tip_id in server.here.shredded:
            said = {"error": "shredded", "says": "destroyed", **server.here.shredded[tip_id]}
            return JSONResponse(said, 410)
        tip = tip_for(person, tip_id)
        if tip is None:
            return shut_out(person, tip_id) or _no(404, "not_found")
        others = [g | ({} if g["signature"] else {"sealed": None}) for g in tip.grants.values()]
        own = {"grant": tip.grants[person.id], "earlier": tip.earlier.get(person.id, [])}
        return out("tip", tip.answer | own | {"grants": others})

    @app.get(PREFIX + "/tips/{tip_id}/blobs/{blob_id}")
    async def blob(request: Request, tip_id: str, blob_id: str) -> Response:
        person = caller(request)
        if person is None:
            return _no(401, "signed_out")
        tip = tip_for(person, tip_id)
        if tip is None or blob_id not in tip.blobs:
            return _no(404, "not_found")
        if not lets(server.here, person, tip, blob_id):
            return _no(403, "reason_needed")
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
        if not has_signed(person, statement, body):
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

    @app.post(PREFIX + "/tips/{tip_id}/assign")
    async def assign(request: Request, tip_id: str) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return _no(401, "signed_out")
        tip = tip_for(person, tip_id)
        if tip is None:
            return _no(404, "not_found")
        if server.here.before_claim:
            server.here.before_claim(tip)
        now = tip.answer
        fields = {name: body[name] for name in ("version", "to_officer", "day")}
        statement = assign_statement(tip_id=tip_id, officer=person.id, **fields)
        if not has_signed(person, statement, body):
            return _no(403, "signature")
        if now["version"] != body["version"]:
            return _no(
                409,
                "moved",
                version=now["version"],
                claimed_by=now["claimed_by"],
                claimed_by_name=now["claimed_by_name"],
            )
        if now["claimed_by"] != person.id and not person.officer.leads(now["centre"]):
            return _no(403, "not_lead", "Only a lead of the tip's centre, or who holds it, may.")
        to = server.here.person(body["to_officer"])
        if to is None or tip_for(to, tip_id) is None:
            return _no(422, "cannot_open")
        assigned(tip, person, to, body["day"], body["signature"])
        return JSONResponse({"version": now["version"], "claimed_by": to.id})

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
        if not has_signed(person, statement, body):
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
        if not has_signed(person, statement, body):
            return _no(403, "signature")
        counted = _counted(person, tip, body)
        if counted is None:
            return _no(403, "signature")
        now = tip.answer
        if body["version"] != now["version"]:
            return _no(409, "moved", version=now["version"], claimed_by=now["claimed_by"])
        told = [body[name] for name in ("reason", "sentence") if name in body]
        if told[0]["seq"] != tip.head[0] + 1:
            return _no(409, "grown", seq=tip.head[0], hash=b64(tip.head[1]))
        for part in told:
            if refused := appended(tip, person, part):
                return refused
        tip.answer["version"] += 1
        tip.answer |= {"status": body["status"], "status_day": body["day"], "last_word": None}
        tip.answer["changes"].append(
            {
                "version": tip.answer["version"],
                "kind": "status",
                "status": body["status"],
                "officer": person.id,
                "day": body["day"],
                "part_id": body["sentence"]["part_id"],
                "signature": body["signature"],
                **counted,
            }
        )
        return JSONResponse({"version": tip.answer["version"]})

    @app.get(PREFIX + "/centres")
    async def centres(request: Request) -> Response:
        if caller(request) is None:
            return _no(401, "signed_out")
        here = server.here
        kept = {} if here.closed_days is None else {"closed_days": here.closed_days}
        return out("centres", {"centres": here.centres, **kept})

    @app.get(PREFIX + "/figures")
    async def figures(request: Request) -> Response:
        person, told = caller(request), server.here.figures
        if person is None:
            return _no(401, "signed_out")
        if told is None:
            return _no(404, "not_found")
        if {Role.LEAD, Role.AUDITOR, Role.ADMIN, Role.FIGURES}.isdisjoint(person.roles):
            return _no(403, "role", "Your role may not do this.")
        first, last = request.query_params["from"], request.query_params["to"]
        assert first <= last
        assert int(last[:4]) - int(first[:4]) <= 10
        return out("figures", told)

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
        if not has_signed(person, statement, body):
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

    @app.post(PREFIX + "/tips/{tip_id}/extend")
    async def extend(request: Request, tip_id: str) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return _no(401, "signed_out")
        tip = tip_for(person, tip_id)
        if tip is None:
            return _no(404, "not_found")
        now, sentence = tip.answer, body["sentence"]["part_id"]
        if body["version"] != now["version"]:
            return _no(409, "moved", version=now["version"], claimed_by=now["claimed_by"])
        statement = extend_statement(
            tip_id=tip_id,
            version=body["version"],
            until_day=body["until_day"],
            day=body["day"],
            officer=person.id,
            sentence_part_id=sentence,
        )
        if not has_signed(person, statement, body):
            return _no(403, "signature")
        refused = appended(tip, person, body["reason"]) or appended(tip, person, body["sentence"])
        if refused:
            return refused
        extended(tip, person, body["until_day"], body["day"], sentence, body["signature"])
        return JSONResponse({"version": now["version"]})

    async def legal_hold(request: Request, tip_id: str, *, is_held: bool) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return _no(401, "signed_out")
        tip = tip_for(person, tip_id)
        if tip is None:
            return _no(404, "not_found")
        if body["version"] != tip.answer["version"]:
            return _no(409, "moved", version=tip.answer["version"])
        part_id = body["reason"]["part_id"]
        statement = (hold_statement if is_held else unhold_statement)(
            tip_id=tip_id,
            version=body["version"],
            reason_part_id=part_id,
            day=body["day"],
            officer=person.id,
        )
        if not has_signed(person, statement, body):
            return _no(403, "signature")
        refused = appended(tip, person, body["reason"])
        if refused:
            return refused
        held(tip, person, body["day"], part_id, body["signature"], is_held=is_held)
        return JSONResponse({"version": tip.answer["version"]})

    @app.post(PREFIX + "/tips/{tip_id}/hold")
    async def put_on_hold(request: Request, tip_id: str) -> Response:
        return await legal_hold(request, tip_id, is_held=True)

    @app.post(PREFIX + "/tips/{tip_id}/unhold")
    async def lift_hold(request: Request, tip_id: str) -> Response:
        return await legal_hold(request, tip_id, is_held=False)

    @app.post(PREFIX + "/tips/{tip_id}/withdraw")
    async def withdraw(request: Request, tip_id: str) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return _no(401, "signed_out")
        tip = tip_for(person, tip_id)
        if tip is None:
            return _no(404, "not_found")
        if server.here.before_withdraw:
            server.here.before_withdraw(tip)
        if body["version"] != tip.answer["version"]:
            return _no(409, "moved", version=tip.answer["version"])
        statement = rekey_statement(
            tip_id=tip_id,
            version=body["version"],
            withdrawn=body["withdrawn"],
            rekey=unb64(body["rekey"]),
            reason_part_id=body["reason"]["part_id"],
            day=body["day"],
            officer=person.id,
        )
        if not has_signed(person, statement, body):
            return _no(403, "signature")
        refused = appended(tip, person, body["reason"])
        if refused:
            return refused
        withdrawn(tip, person, body)
        return JSONResponse({"version": tip.answer["version"]})

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
        if not has_signed(person, statement, body):
            return _no(403, "signature")
        known = sum(change["kind"] == "rekey" for change in tip.answer["changes"])
        if body.get("rekeys", known) != known:
            return _no(409, "moved", version=tip.answer["version"])
        if server.here.goes_with_a_centre_of(tip, body["officer"]):
            return _no(422, "reads_it")
        tip.grants[body["officer"]] = {
            "grant_id": body["grant_id"],
            "officer": body["officer"],
            "released": True,
            "granted_by": person.id,
            "is_personal": True,
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

    for kind in (OPENING, HANDOVER):
        add_seconded(app, kind, caller, tip_for, appended, has_signed, _no, lambda: server.here)
    add_audit(app, caller, out, _no, lambda: server.here)
    return app
