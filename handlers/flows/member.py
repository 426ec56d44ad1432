"""A network member's code in place of a name, and the member's way of reporting: a case, shorter
than a citizen's, or a piece of information, shorter still.

Members know what officers need, and come back: they are asked the least that a case can be begun
with. Whether somebody told it to them is asked before the story, while a name can still be left
out. Its questions are the report's, under the same keys, and never another kind of question.
"""

from collections.abc import Mapping

from handlers.flow import Flow, Question, Told
from handlers.kinds.agency import Agency
from handlers.kinds.checklist import Checklist
from handlers.kinds.choice import Choice
from handlers.kinds.codes import MemberCode
from handlers.kinds.free_text import Files, FreeText
from handlers.kinds.province import Province
from handlers.kinds.review import Review
from handlers.kinds.when import When

KINDS = ("case", "information")


def _is_case(told: Mapping[str, Told]) -> bool:
    return told["kind"] == "case"


def member(categories: tuple[str, ...], files_at_most: int) -> Flow:
    """The member's flow over *categories*, likeliest first."""
    more = Checklist(
        ("told_by_other", "afraid", "reported_elsewhere"),
        skippable=True,
        reminds={"told_by_other": "leave_out_teller"},
    )
    return Flow(
        "member",
        (
            Question("code", MemberCode(without="report", joins="apply"), is_counted=False),
            Question(
                "kind",
                Choice(KINDS, longs=KINDS, keeps_kind=True, commands=("learn",)),
                is_counted=False,
            ),
            Question("category", Choice(categories, longs=categories), when=_is_case),
            Question("province", Province()),
            # Not asked for officers' sake: who is accused decides where the tip must not go.
            Question("agency", Agency(), when=_is_case),
            Question("more", more, when=_is_case, is_counted=False),
            Question("what", FreeText(voice=True)),
            Question("who", FreeText(skippable=True, voice=True), when=_is_case),
            Question("when", When(skippable=True), when=_is_case),
            Question("leads", Files(at_most=files_at_most, words=True)),
            Question("send", Review()),
        ),
        evidence="leads",
        story="what",
        coach=("what", "when", "leads", "who", "agency"),
        is_editable=True,
        shows_progress=True,
        cancel="ask",
    )
