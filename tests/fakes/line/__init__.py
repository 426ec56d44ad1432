"""A LINE platform on 127.0.0.1 that keeps LINE's documented rules, and people who chat on it.

async with FakeLine.opened() as line:
    line.webhook_url = "http://127.0.0.1:…/line/webhook"
    somchai = line.person()
    await somchai.says("สวัสดี")
    heard = await somchai.hears()
    await somchai.taps("แจ้งเบาะแส")
"""

from tests.fakes.line.faults import Fault, Faults
from tests.fakes.line.person import Bubble, LinePerson
from tests.fakes.line.platform import Call, Content, FakeLine, Quota

__all__ = ["Bubble", "Call", "Content", "FakeLine", "Fault", "Faults", "LinePerson", "Quota"]
