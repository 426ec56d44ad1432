"""What the fake desk does about deeds that a second officer may have to agree to: openings and
hand-overs, as the real one would."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from sealing import Statement, approval_statement, opening_statement
from sealing.handovers import handover_approval_statement, handover_statement
from tests.console.fake_world import PREFIX, Answer, Person, Tip, World

Refuses = Callable[..., JSONResponse]
Appends = Callable[[Tip, Person, Answer], Response | None]
HasSigned = Callable[[Person, Statement, Answer], bool]


@dataclass(frozen=True, slots=True)
class FakeKind:
    """One kind of deed: *name*, as in its id and its path; *what* it says besides; *asker*: what a
    second officer signs of who does it."""

    name: str
    what: tuple[str, ...]
    asker: str
    said: Callable[..., Statement]
    agreed: Callable[..., Statement]

    @property
    def plural(self) -> str:
        return f"{self.name}s"

    @property
    def id(self) -> str:
        return f"{self.name}_id"


OPENING = FakeKind("opening", ("opens", "part_id"), "opener", opening_statement, approval_statement)
HANDOVER = FakeKind(
    "handover",
    ("body", "form", "sha256"),
    "giver",
    handover_statement,
    handover_approval_statement,
)


def add_seconded(
    app: FastAPI,
    kind: FakeKind,
    caller: Callable[[Request], Person | None],
    tip_for: Callable[[Person, str], Tip | None],
    appended: Appends,
    has_signed: HasSigned,
    no: Refuses,
    here: Callable[[], World],
) -> None:
    @app.post(f"{PREFIX}/tips/{{tip_id}}/{kind.plural}", status_code=201)
    async def record(request: Request, tip_id: str) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return no(401, "signed_out")
        tip = tip_for(person, tip_id)
        if tip is None:
            return no(404, "not_found")
        before = here().before_handover
        if kind is HANDOVER and before is not None:
            before(tip)
        said = {name: body[name] for name in (kind.id, *kind.what, "day")}
        place = {"reason_part_id": body["reason"]["part_id"], "seq": body["reason"]["seq"]}
        statement = kind.said(**said, **place, tip_id=tip_id, officer=person.id)
        if not has_signed(person, statement, body):
            return no(403, "signature")
        refused = appended(tip, person, body["reason"])
        if refused:
            return refused
        asked_of_two = body["opens"] if kind is OPENING else kind.name
        open_day = None if asked_of_two in here().second_officer else body["day"]
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
        tip.answer[kind.plural].append(row)
        return JSONResponse({kind.id: body[kind.id], "open_day": open_day}, 201)

    @app.post(f"{PREFIX}/tips/{{tip_id}}/{kind.plural}/{{deed_id}}/approval", status_code=201)
    async def approve(request: Request, tip_id: str, deed_id: str) -> Response:
        person, body = caller(request), await request.json()
        if person is None:
            return no(401, "signed_out")
        tip = tip_for(person, tip_id)
        found = tip and next(
            (each for each in tip.answer[kind.plural] if each[kind.id] == deed_id), None
        )
        if tip is None or not found:
            return no(404, "not_found")
        if found["officer"] == person.id:
            return no(403, f"own_{kind.name}")
        what = {name: found[name] for name in (kind.id, *kind.what)} | {
            kind.asker: found["officer"]
        }
        statement = kind.agreed(**what, tip_id=tip_id, day=body["day"], officer=person.id)
        if not has_signed(person, statement, body):
            return no(403, "signature")
        found |= {
            "open_day": body["day"],
            "approved_by": person.id,
            "approved_day": body["day"],
            "approval": body["signature"],
        }
        return JSONResponse({kind.id: deed_id, "open_day": body["day"]}, 201)


def lets(world: World, person: Person, tip: Tip, blob_id: str) -> bool:
    """Whether *person* may have the blob: an original only once they have opened it."""
    part_id = tip.originals.get(blob_id)
    return part_id is None or any(
        each["officer"] == person.id
        and each["open_day"] is not None
        and (each["part_id"] == part_id or each["opens"] == "export")
        for each in tip.answer["openings"]
    )
