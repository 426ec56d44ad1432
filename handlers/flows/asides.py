"""Questions that interrupt a flow and give it back: drop the draft? change which answer?"""

from handlers.flow import Question
from handlers.kinds.confirm import DropDraft, PickAnswer

ASIDES = (Question("drop_draft", DropDraft()), Question("pick_answer", PickAnswer()))
