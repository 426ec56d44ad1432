"""Coming back with the receipt: status, officers' messages, an answer, more evidence, to be told of
news, or silence. Of a tip that was ended it is asked first whether that is right.

The menu comes round again after each of these. Words sent at the menu are an answer already.
"""

from handlers.flow import Flow, Question
from handlers.kinds.closing import ENDED, Closing, Reasons
from handlers.kinds.codes import Receipt
from handlers.kinds.confirm import StopContact
from handlers.kinds.free_text import Files
from handlers.kinds.notify import Next, Notify


def follow(files_at_most: int) -> Flow:
    """The follow-up's flow."""
    return Flow(
        "follow",
        (
            Question("receipt", Receipt()),
            Question("closing", Closing(), when=lambda told: told["receipt"] == ENDED),
            Question("next", Next(), when=lambda told: told["closing"] != "reopen"),
            Question(
                "stop_contact",
                StopContact(),
                when=lambda told: told["next"] == "stop",
                clears=("next", "stop_contact"),
            ),
            Question(
                "notify",
                Notify(),
                when=lambda told: told["next"] == "notify",
                clears=("next", "notify"),
            ),
            Question(
                "reopen",
                Reasons(at_most=files_at_most),
                when=lambda told: "reopen" in (told["closing"], told["next"]),
                clears=("next", "reopen"),
            ),
            Question(
                "reply",
                Files(at_most=files_at_most, words=True, may_be_none=False),
                when=lambda told: told["next"] not in ("stop", "notify"),
                clears=("next", "reply"),
                when_done="reply_sent",
            ),
        ),
        evidence="reply",
        story="reply",
        story_from=1,
        keeps_after="receipt",
        keeps_saying=("reply_sent", "reply_sent"),
        adds_to_filed=True,
    )
