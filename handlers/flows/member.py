"""A network member's code in place of a name; then the report, marked verified."""

from handlers.flow import Flow, Question
from handlers.kinds.choice import Menu
from handlers.kinds.codes import MemberCode

MEMBER = Flow(
    "member",
    (
        Question("code", MemberCode(without="report", joins="apply")),
        Question("kind", Menu({"case": "report", "information": "report"}, keeps_kind=True)),
    ),
    evidence="leads",
    cancel="ask",
)
