"""After filing: the receipt stays on the screen until it is noted."""

from handlers.flow import Flow, Question
from handlers.kinds.noted import Noted

RECEIPT = Flow("receipt", (Question("receipt_noted", Noted()),), cancel=None)
