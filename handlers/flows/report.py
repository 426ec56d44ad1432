"""The report: what an officer needs to begin checking, one question at a time; nothing blocks."""

from handlers.flow import Flow, Question
from handlers.kinds.agency import Agency
from handlers.kinds.checklist import Checklist
from handlers.kinds.choice import Choice
from handlers.kinds.free_text import Files, FreeText
from handlers.kinds.province import Province
from handlers.kinds.review import Review
from handlers.kinds.when import When


def report(categories: tuple[str, ...], files_at_most: int) -> Flow:
    """The report's flow over *categories*, likeliest first."""
    return Flow(
        "report",
        (
            Question("category", Choice(categories, longs=categories)),
            Question("province", Province()),
            Question("agency", Agency()),
            Question("who", FreeText(skippable=True, voice=True)),
            Question("what", FreeText(voice=True)),
            Question("when", When(skippable=True)),
            Question(
                "where",
                FreeText(skippable=True, voice=True),
                when=lambda told: told["province"] != "unsure",
            ),
            Question("leads", Files(at_most=files_at_most, words=True)),
            Question(
                "more",
                Checklist(("reported_elsewhere", "afraid"), skippable=True),
                is_counted=False,
            ),
            Question("send", Review()),
        ),
        evidence="leads",
        story="what",
        coach=("what", "when", "leads", "who", "where", "agency"),
        is_editable=True,
        shows_progress=True,
        cancel="ask",
    )
