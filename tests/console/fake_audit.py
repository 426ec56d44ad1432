"""What the fake desk does about the audit trail, as the real one would."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from sealing import Role
from tests.console.fake_seconded import Refuses
from tests.console.fake_world import PREFIX, Answer, Person, World, b64, unb64


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
