"""A tip as plain text: all of it, its words as they were told."""

from collections.abc import Mapping

from console import days, present
from console.answers import TreeCentre
from console.calm import calm_line
from console.findings import Signers
from console.office import Reading, facts_of
from console.reading import OpenedPart
from console.results import outcomes
from console.words import Words


def transcript(
    words: Words, reading: Reading, signers: Signers | None, centres: Mapping[str, TreeCentre]
) -> str:
    """The tip as text, its words as they were told."""
    return "\n".join(_transcript(words, reading, signers, centres)) + "\n"


def _transcript(
    words: Words, reading: Reading, signers: Signers | None, centres: Mapping[str, TreeCentre]
) -> list[str]:
    shown, language = reading.tip.shown, words.language
    lines = [
        words.say("read.title", tip=shown.tip_id),
        words.say("read.filed", day=days.say_day(shown.filed_day, language)),
        f"{words.say('list.status')}: {words.label('status', shown.status)}",
        f"{words.say('list.centre')}: {present.centre_name(words, shown.centre, centres)}",
        "",
        f"== {words.say('read.checks')} ==",
    ]
    lines += [f"! {present.say_finding(words, finding)}" for finding in reading.findings]
    if not reading.findings:
        lines.append(words.say("finding.all_well", parts=len(reading.tip.parts)))
    if signers is None:
        lines.append(words.say("read.signatures_unchecked"))
    judged = signers or Signers({}, {}, {})
    lines += ["", f"== {words.say('read.conversation')} =="]
    for bubble in present.conversation(words, reading, judged):
        lines += _bubble_lines(words, bubble)
    lines += ["", f"== {words.say('read.history')} =="]
    lines += [
        f"{days.say_day(event.day, language)}  {event.text}"
        for event in present.history(words, shown.changes, judged, centres, outcomes(reading.tip))
    ]
    lines += [
        f"{days.say_day(day, language)}  {said}"
        for _, day, said in present.taken_out(words, shown, judged)
    ]
    return lines


def _bubble_lines(words: Words, bubble: present.Bubble) -> list[str]:
    head = f"[{bubble.seq}] {days.say_day(bubble.day, words.language)} · {bubble.who}"
    if bubble.label:
        head += f" · {bubble.label}"
    lines = ["", head]
    lines += [f"    {line}" for line in (bubble.text or "").splitlines()]
    if bubble.about is not None:
        lines.append(f"    ({bubble.about})")
    if bubble.file is not None:
        lines += _file_lines(words, bubble.file)
    return lines


def _file_lines(words: Words, part: OpenedPart) -> list[str]:
    facts = facts_of(part)
    name = calm_line(facts.name or "")
    media = words.label("media", facts.media)
    return [
        f"    {words.say('read.file')}: {media} {name} · {present.size(facts.size)}",
        f"    SHA-256: {facts.sha256}",
    ]
