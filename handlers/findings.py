"""What was found in words and files that leads to the person telling, and what they want done.

Owns the question about it: it stands on the screen beside the question that is open, blocks
nothing, and comes again on the last look before sending. Refuses to know how a version is sealed or
destroyed. Laws: every finding ends in one KeepOriginal or DropOriginal, or goes with its part; who
does not answer keeps their words as sent, and loses a file's hidden details.
"""

from collections.abc import Iterable
from dataclasses import replace

from guard import CONTACTS
from handlers import effects, events
from handlers.conversation import Conversation, Finding
from handlers.effects import Counts, DropOriginal, Effect, KeepOriginal, Listed, Option, Say, Word
from handlers.events import Event
from handlers.kinds.base import Heard, Here, Screen

WORDS = "words"
CHOICES = {WORDS: ("hide", "leave"), "files": ("clean", "whole")}
"""What can be done about a finding: first what takes it out, then what leaves it in."""

_DONE = {"hide": "hidden", "leave": "left", "clean": "cleaned", "whole": "whole"}


# --- noticing ------------------------------------------------------------------------------------


def noticed(here: Here, heard: Heard) -> Heard:
    """*heard*, with words looked at before they are sealed, and with findings settled whose part
    is not, or no longer, in the conversation: nobody could be asked about them there."""
    looked = [_looked(here, effect) for effect in heard.effects]
    after = heard.conversation
    said, after = _warned(here, looked, after)
    open_before = _still_open(here, heard)
    found = [finding for effect in looked for finding in _found(here, effect)]
    if not (found or open_before or after.findings):
        return Heard(after, (*looked, *said), heard.is_waiting)
    told = {part.part_id for answer in after.told.values() for part in answer.parts}
    ended = [each for each in open_before if each.part_id not in told]
    if not _leaves_them_behind(here, looked):
        ended = []  # they go with the draft
    done: list[Effect] = [by_default(finding) for finding in ended]
    for effect in looked:
        done.append(effect)
        done += [
            by_default(each)
            for each in found
            if isinstance(effect, effects.Seal)
            and each.part_id == effect.part_id
            and each.part_id not in told
        ]
    findings = tuple(each for each in (*open_before, *found) if each.part_id in told)
    if findings != after.findings:
        after = replace(after, findings=findings)
    return Heard(after, (*done, *said), heard.is_waiting)


def by_default(finding: Finding) -> Effect:
    """What becomes of a finding that nobody decided."""
    if finding.media == WORDS:
        return KeepOriginal(finding.part_id, is_answered=False)
    return DropOriginal(finding.part_id)


def _looked(here: Here, effect: Effect) -> Effect:
    """A seal, with what its words give away taken out beside them."""
    if not isinstance(effect, effects.Seal) or effect.words is None:
        return effect
    asked_for = CONTACTS if here.book.asks_contact(effect.question) else frozenset()
    looked = here.book.guard.look(effect.words, here.conversation.language, but=asked_for)
    if looked is None:
        return effect
    return replace(effect, redacted=looked.words, found=looked.kinds)


def _found(here: Here, effect: Effect) -> Iterable[Finding]:
    if not isinstance(effect, effects.Seal):
        return
    if effect.found:
        yield Finding(effect.part_id, effect.found, WORDS, here.new_id()[:8])
    if effect.file is not None and effect.file.original is not None:
        found, media = effect.file.original.found, effect.file.media
        yield Finding(effect.part_id, found, media, here.new_id()[:8])


def _still_open(here: Here, heard: Heard) -> list[Finding]:
    """The findings from before that were neither decided now nor taken back with their part."""
    decided = (effects.Remove, KeepOriginal, DropOriginal)
    gone = {each.part_id for each in heard.effects if isinstance(each, decided)}
    return [each for each in here.conversation.findings if each.part_id not in gone]


def _leaves_them_behind(here: Here, looked: Iterable[Effect]) -> bool:
    """Whether parts that left the conversation are in a tip now; else they go with the draft."""
    is_filed = any(isinstance(effect, effects.File) for effect in looked)
    return is_filed or here.book.flows[here.conversation.flow].adds_to_filed


def _warned(
    here: Here, looked: Iterable[Effect], after: Conversation
) -> tuple[tuple[Say, ...], Conversation]:
    """Say once for each question that a file may hold what nobody can take out."""
    is_there = any(
        isinstance(effect, effects.Seal)
        and effect.file is not None
        and effect.file.details == "unremovable"
        for effect in looked
    )
    if not is_there or after.is_warned:
        return (), after
    return (here.say("details_unremovable"),), replace(after, is_warned=True)


# --- asking --------------------------------------------------------------------------------------


def question(here: Here, screen: Screen) -> tuple[Say, ...]:
    """The question about what was found, if *screen* has room for it."""
    asked = _asked(here, screen)
    if not asked:
        return ()
    kinds = dict.fromkeys(kind for finding in asked for kind in finding.kinds)
    if asked[0].media == WORDS:
        return (_about_words(here, asked[0], Listed(tuple(f"seems.{kind}" for kind in kinds))),)
    listed = Listed(tuple(f"hidden.{kind}" for kind in kinds))
    if len(asked) == 1:
        media, nth = Word(f"one.{asked[0].media}"), _nth(here.conversation, asked[0])
        return (here.say("details_one", media=media, nth=nth, kinds=listed),)
    counts = Counts(_counted(asked))
    return (here.say("details_many", counts=counts, kinds=listed),)


def options(here: Here, screen: Screen) -> tuple[Option, ...]:
    """The buttons that answer it. Each names what it is about, so that pressed twice, or late, it
    decides nothing else."""
    asked = _asked(here, screen)
    if not asked:
        return ()
    name = asked[-1].name
    group = WORDS if asked[0].media == WORDS else "files"
    return tuple(Option(f"{verb}.{name}", f"label.{verb}") for verb in CHOICES[group])


def _asked(here: Here, screen: Screen) -> tuple[Finding, ...]:
    """One message at a time, the oldest first; then all files together. A question asks about what
    was told under it, and the last look about everything: two questions at once are one too many.
    """
    findings = here.conversation.findings
    if not findings or not screen.asks_findings or here.conversation.aside is not None:
        return ()
    flow = here.book.flows[here.conversation.flow]
    if not flow.is_last(here.key) and not flow.adds_to_filed:
        under = {part.part_id for part in here.answer.parts}
        findings = tuple(each for each in findings if each.part_id in under)
    words = tuple(each for each in findings if each.media == WORDS)
    return words[:1] or findings


def _about_words(here: Here, finding: Finding, kinds: Listed) -> Say:
    nth = _nth(here.conversation, finding)
    for key, answer in here.conversation.told.items():
        if finding.part_id not in {part.part_id for part in answer.parts}:
            continue
        if key != here.key and f"row.{key}" in here.book.words:
            return here.say("found_elsewhere", where=Word(f"row.{key}"), nth=nth, kinds=kinds)
        if answer.counts.get(WORDS, 0) > 1:
            return here.say("found_nth", nth=nth, kinds=kinds)
    return here.say("found", kinds=kinds)


def _nth(conversation: Conversation, finding: Finding) -> int:
    """The place of the finding's part among those of its media, under its question."""
    for answer in conversation.told.values():
        like = [part.part_id for part in answer.parts if part.media == finding.media]
        if finding.part_id in like:
            return like.index(finding.part_id) + 1
    return 1


def _counted(findings: Iterable[Finding]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.media] = counts.get(finding.media, 0) + 1
    return counts


# --- deciding ------------------------------------------------------------------------------------


def decided(here: Here, event: Event) -> Heard | None:
    """What a button of `options` decides; None for any other event."""
    if not isinstance(event, events.Choice):
        return None
    verb, _, name = event.choice.partition(".")
    if verb not in _DONE or not name:
        return None
    chosen = _chosen(here.conversation.findings, verb, name)
    if not chosen:
        return Heard(here.conversation)  # pressed twice: it is decided already
    made = tuple(_deed(verb, finding) for finding in chosen)
    is_mixed = verb == "hide" and len(chosen[0].kinds) > 1
    said = here.say("found_hidden_all" if is_mixed else f"found_{_DONE[verb]}")
    return Heard(here.conversation, (*made, said))


def _chosen(findings: tuple[Finding, ...], verb: str, name: str) -> tuple[Finding, ...]:
    """The one message that the button named, or the files up to the one it named: what came after
    was not asked about yet."""
    if verb in CHOICES[WORDS]:
        return tuple(each for each in findings if each.media == WORDS and each.name == name)
    files = [each for each in findings if each.media != WORDS]
    last = next((n for n, each in enumerate(files) if each.name == name), -1)
    return tuple(files[: last + 1])


def _deed(verb: str, finding: Finding) -> Effect:
    if verb in ("hide", "clean"):
        return DropOriginal(finding.part_id)
    return KeepOriginal(finding.part_id, is_answered=True)
