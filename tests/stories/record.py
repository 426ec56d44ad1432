"""Write what the engine says into stories: `python -m tests.stories.record FILE…`.

Keeps comments, settings and the person's lines, and replaces the rest. The diff is then read by
somebody who speaks Thai; that reading is the test, and this only saves the typing.
"""

import sys
from pathlib import Path

from tests.stories.engine_room import EngineRoom
from tests.stories.player import BETWEEN_BUTTONS, parse


def record(path: Path) -> str:
    """Return the story at *path* with every answer as the engine gives it now."""
    story = parse(path)
    room = EngineRoom(story)
    answers = {exchange.line: room.hear(exchange.person) for exchange in story.exchanges}
    kept: list[str] = []
    is_answer = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        speaker = line.partition(">")[0]
        if speaker in ("บอท", "ปุ่ม", "ระบบ"):
            is_answer = True
            continue
        if line[:1].isspace() and is_answer:
            continue
        if not line.strip():
            continue
        is_answer = False
        if speaker == "คน":
            kept.append("")
        kept.append(line)
        if number in answers:
            said = answers[number]
            kept.extend(f"ระบบ> {deed}" for deed in said.deeds or ())
            kept.extend("บอท> " + text.replace("\n", "\n     ") for text in said.messages)
            kept.append("ปุ่ม> " + BETWEEN_BUTTONS.join(said.buttons))
    return "\n".join(kept) + "\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(record(Path(name)), encoding="utf-8")
