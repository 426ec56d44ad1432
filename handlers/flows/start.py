"""Start: what everyone who can read along, said first; then a few doors.

A file or a long message sent before any door was taken opens a report that already holds it.
"""

from handlers.flow import Flow, Question
from handlers.kinds.choice import Menu

START = Flow(
    "start",
    (
        Question(
            "menu",
            Menu(
                {"report": "report", "member": "member", "follow": "follow"},
                commands=("learn", "safety", "real_bot", "language"),
                unshown={"join": "apply"},
            ),
        ),
    ),
    evidence="leads",
    story="what",
    keeps_into="report",
    cancel=None,
    opening=("start_{channel}",),
    offers_tor=True,
)
