"""Questions that interrupt a flow and give it back: drop the draft? change which answer?
read about corruption for a while?
"""

from handlers.cards import DOOR
from handlers.flow import Question
from handlers.kinds.confirm import DropDraft, PickAnswer
from handlers.kinds.learn import Learn

ASIDES = (
    Question("drop_draft", DropDraft()),
    Question("pick_answer", PickAnswer()),
    Question(DOOR, Learn()),
)
