"""What the fake desk does about openings and the audit trail, as the real one would."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from sealing import Role, Statement, approval_statement, opening_statement
from tests.console.fake_world import PREFIX, Answer, Person, Tip, World, b64, unb64

Refuses = Callable[..., JSONResponse]
Appends = Callable[[Tip, Person, Answer], Response | None]
HasSigned = Callable[[Person, Statement, Answer], bool]


def add_openings(
    app: FastAPI,
    caller: Callable[[Request], Person | None],
    tip_for: Callable[[Person, str], Tip | None],
    appended: Appends,
    has_signed: HasSigned,
    no: Refuses,
    here: Callable[[], World],
) -> None:
    @app.post(PREFIX + "/tips/{tip_id}/openings", status_code=201)
    async def open(request: Request, tip_id: str) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return no(401, "signed_out")
        tip = tip_for(person, tip_id)
        if tip is None:
            return no(404, "not_found")
        said = {name: body[name] for name in ("opening_id", "opens", "part_id", "day")}
        place = {"reason_part_id": body["reason"]["part_id"], "seq": body["reason"]["seq"]}
        statement = opening_statement(**said, **place, tip_id=tip_id, officer=person.id)
        if not has_signed(person, statement, body):
            return no(403, "signature")
        refused = appended(tip, person, body["reason"])
        if refused:
            return refused
        open_day = None if body["opens"] in here().second_officer else body["day"]
        row = {
            **said,
            **place,
            "officer": person.id,
            "signature": body["signature"],
            "open_day": open_day,
            "approved_by": None,
            "approved_day": None,
            "approval": None,
        }
        tip.answer["openings"].append(row)
        return JSONResponse({"opening_id": body["opening_id"], "open_day": open_day}, 201)

    @app.post(PREFIX + "/tips/{tip_id}/openings/{opening_id}/approval", status_code=201)
    async def approve(request: Request, tip_id: str, opening_id: str) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return no(401, "signed_out")
        tip = tip_for(person, tip_id)
        found = tip and next(
            (each for each in tip.answer["openings"] if each["opening_id"] == opening_id), None
        )
        if tip is None or not found:
            return no(404, "not_found")
        if found["officer"] == person.id:
            return no(403, "own_opening")
        statement = approval_statement(
            opening_id=opening_id,
            tip_id=tip_id,
            opens=found["opens"],
            part_id=found["part_id"],
            opener=found["officer"],
            day=body["day"],
            officer=person.id,
        )
        if not has_signed(person, statement, body):
            return no(403, "signature")
        found |= {
            "open_day": body["day"],
            "approved_by": person.id,
            "approved_day": body["day"],
            "approval": body["signature"],
        }
        return JSONResponse({"opening_id": opening_id, "open_day": body["day"]}, 201)


def lets(world: World, person: Person, tip: Tip, blob_id: str) -> bool:
    """Whether *person* may have the blob: an original only once they have opened it."""
    part_id = tip.originals.get(blob_id)
    return part_id is None or any(
        each["officer"] == person.id
        and each["open_day"] is not None
        and (each["part_id"] == part_id or each["opens"] == "export")
        for each in tip.answer["openings"]
    )


def add_audit(
    app: FastAPI,
    caller: Callable[[Request], Person | None],
    out: Callable[[str, Answer], JSONResponse],
    no: Refuses,
    here: Callable[[], World],
) -> None:
    def watcher(request: Request) -> Person | None:
        person = caller(request)
        may = person is not None and {Role.LEAD, Role.AUDITOR, Role.ADMIN} & set(person.roles)
        return person if may else None

    @app.get(PREFIX + "/audit")
    async def entries(request: Request, after: int = 0, limit: int = 200) -> Response:
        if watcher(request) is None:
            return no(403, "not_auditor")
        found = [entry for entry in here().trail if entry.seq > after][:limit]
        answer: Answer = {
            "entries": [b64(entry.data) for entry in found],
            "next": found[-1].seq if len(found) == limit else None,
        }
        return out("audit", answer)

    @app.get(PREFIX + "/audit/days")
    async def days(request: Request, after: str = "", limit: int = 200) -> Response:
        if watcher(request) is None:
            return no(403, "not_auditor")
        found = [head for head in here().heads if head.day > after][:limit]
        answer: Answer = {
            "server_key": str(here().server_key.verify_key),
            "days": [
                {
                    "day": head.day,
                    "seq": head.seq,
                    "head": b64(head.head),
                    "signature": b64(head.signature),
                    "countersigned": [
                        {"officer": officer, "signature": b64(signature)}
                        for officer, signature in here().countersigned.get(head.day, {}).items()
                    ],
                }
                for head in found
            ],
            "next": found[-1].day if len(found) == limit else None,
        }
        return out("audit-days", answer)

    @app.post(PREFIX + "/audit/days/{day}/signatures", status_code=201)
    async def sign(request: Request, day: str) -> Response:
        person, body = watcher(request), await request.json()
        if person is None:
            return no(403, "not_auditor")
        head = next((head for head in here().heads if head.day == day), None)
        if head is None:
            return no(404, "not_found")
        signature: Any = unb64(body["signature"])
        person.keys.sign.verify_key.verify(head.said_by(person.id), signature)
        here().countersigned.setdefault(day, {})[person.id] = signature
        return Response(status_code=201)
