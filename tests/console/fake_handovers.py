"""What the fake desk does about hand-overs, as the real one would."""

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from sealing.handovers import handover_approval_statement, handover_statement
from tests.console.fake_openings import Appends, HasSigned, Refuses
from tests.console.fake_world import PREFIX, Person, Tip, World


def add_handovers(
    app: FastAPI,
    caller: Callable[[Request], Person | None],
    tip_for: Callable[[Person, str], Tip | None],
    appended: Appends,
    has_signed: HasSigned,
    no: Refuses,
    here: Callable[[], World],
) -> None:
    @app.post(PREFIX + "/tips/{tip_id}/handovers", status_code=201)
    async def hand_over(request: Request, tip_id: str) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return no(401, "signed_out")
        tip = tip_for(person, tip_id)
        if tip is None:
            return no(404, "not_found")
        if here().before_handover is not None:
            here().before_handover(tip)
        said = {name: body[name] for name in ("handover_id", "body", "form", "sha256", "day")}
        place = {"reason_part_id": body["reason"]["part_id"], "seq": body["reason"]["seq"]}
        statement = handover_statement(**said, **place, tip_id=tip_id, officer=person.id)
        if not has_signed(person, statement, body):
            return no(403, "signature")
        refused = appended(tip, person, body["reason"])
        if refused:
            return refused
        open_day = None if "handover" in here().second_officer else body["day"]
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
        tip.answer["handovers"].append(row)
        return JSONResponse({"handover_id": body["handover_id"], "open_day": open_day}, 201)

    @app.post(PREFIX + "/tips/{tip_id}/handovers/{handover_id}/approval", status_code=201)
    async def approve(request: Request, tip_id: str, handover_id: str) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return no(401, "signed_out")
        tip = tip_for(person, tip_id)
        found = tip and next(
            (each for each in tip.answer["handovers"] if each["handover_id"] == handover_id), None
        )
        if tip is None or not found:
            return no(404, "not_found")
        if found["officer"] == person.id:
            return no(403, "own_handover")
        statement = handover_approval_statement(
            handover_id=handover_id,
            tip_id=tip_id,
            body=found["body"],
            form=found["form"],
            sha256=found["sha256"],
            giver=found["officer"],
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
        return JSONResponse({"handover_id": handover_id, "open_day": body["day"]}, 201)
