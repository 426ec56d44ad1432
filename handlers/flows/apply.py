"""Joining the network: apply, or nominate somebody one trusts. Registrars read it, and nobody else.

It is filed like a tip and has a receipt like one. Here alone a way to reach somebody is asked for,
and it may be left out: then the receipt is the way.
"""

from handlers.flow import APPLICATION, Flow, Question
from handlers.kinds.choice import Choice
from handlers.kinds.free_text import FreeText
from handlers.kinds.province import Province
from handlers.kinds.review import Review

APPLY = Flow(
    "apply",
    (
        Question("candidate", Choice(("myself", "other"))),
        Question(
            "consent",
            Choice(("agrees", "not_asked"), answered=("not_asked",)),
            when=lambda told: told["candidate"] == "other",
        ),
        Question("home", Province()),
        Question("service", FreeText(voice=True)),
        Question("reach", FreeText(skippable=True), asks_contact=True),
        Question("apply", Review()),
    ),
    story="service",
    keeps_saying=("kept_in_application", "kept_in_application"),
    coach=("service",),
    is_editable=True,
    shows_progress=True,
    cancel="ask",
    opening=("apply_about", "apply_seen_{channel}"),
    offers_web=True,
    tip_kind=APPLICATION,
    category=APPLICATION,
    province="home",
    sent_saying="sent_application",
)
