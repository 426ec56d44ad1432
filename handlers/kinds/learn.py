"""Reading knowledge cards, and asking for new ones: an aside, so that no report is lost by it.

*pending* is how far in one is, a step each: the audience with the place in its list, then the card
or the agreement to be sent new ones. Back goes one step out. What is offered is looked up anew
each time: a card that was withdrawn meanwhile is answered kindly, and the list stands again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from handlers import effects, events
from handlers.cards import (
    AUDIENCES,
    BEHIND_A_CODE,
    DOOR,
    KnowledgeCard,
    audiences_of,
    body_key,
    label_key,
    title_key,
)
from handlers.effects import Effect, Option, Word
from handlers.events import Event
from handlers.kinds.base import Heard, Here, Screen
from handlers.kinds.choice import options

CARD_ID_LETTERS = 32
PER_PAGE = 8
"""Beside them: more, to be sent new ones, and the way out."""

_SUBSCRIBE, _MORE, _NEXT, _OTHERS, _CLOSE = (
    "subscribe",
    "more_cards",
    "next_card",
    "others",
    "close",
)
_AGREE, _NO = "agree", "no"
_AT = ":"
VERDICTS = ("on", "busy")


def entered(here: Here) -> Heard:
    """The conversation with the cards before it; or as it was, where there is none to read."""
    if not _audiences(here):
        return Heard(here.conversation, (here.say("no_cards"),))
    return Heard(replace(here.conversation, aside=DOOR, pending=()))


@dataclass(frozen=True, slots=True)
class Learn:
    """Choose for whom, choose a card, read it, go on to the next."""

    skippable: ClassVar[bool] = False
    takes_all: ClassVar[bool] = False
    is_secret: ClassVar[bool] = False

    def screen(self, here: Here) -> Screen:
        match here.pending:
            case (str(place), step) if _list_at(here, place) is not None:
                return self._step(here, place, step)
            case (str(place),) if _list_at(here, place) is not None:
                return self._list(here, place)
        return _screen("ask.learn", *_of_learn(_audiences(here)))

    def _list(self, here: Here, place: str) -> Screen:
        audience, offset = _read(place)
        cards = _cards(here, audience)
        page = cards[offset : offset + PER_PAGE]
        shown = (Option(card.id, label_key(card.id), title_key(card.id)) for card in page)
        more = (_MORE,) if len(cards) > PER_PAGE else ()
        ask = (_SUBSCRIBE,) if _may_subscribe(here, audience) else ()
        name = Word(f"label.{DOOR}.{audience}")
        return _screen("ask.learn_card", *shown, *_of_learn((*more, *ask)), audience=name)

    def _step(self, here: Here, place: str, step: str) -> Screen:
        audience, _ = _read(place)
        if step == _SUBSCRIBE:
            name, days = Word(f"label.{DOOR}.{audience}"), here.book.channel.subscription_days
            return Screen(
                "ask.subscribe",
                options(_SUBSCRIBE, (_AGREE, _NO)),
                params={"audience": name, "days": days},
                without=frozenset({"cancel"}),
            )
        following = (_NEXT,) if len(_cards(here, audience)) > 1 else ()
        ask = (_SUBSCRIBE,) if _may_subscribe(here, audience) else ()
        params = {"title": Word(title_key(step)), "body": Word(body_key(step))}
        return _screen("ask.learn_read", *_of_learn((*following, _OTHERS, *ask)), **params)

    def hear(self, here: Here, event: Event) -> Heard | None:
        match event:
            case events.Choice(choice=choice) if choice == _CLOSE:
                return Heard(replace(here.conversation, aside=None, pending=()))
            case events.Choice(choice=choice):
                return self._chosen(here, choice)
            case events.Subscribed(verdict):
                known = verdict if verdict in VERDICTS else "not"
                return _to(here, *here.pending[:-1], said=(here.say(f"subscribe_{known}"),))
        return None

    def _chosen(self, here: Here, choice: str) -> Heard | None:
        if not here.pending:
            return _to(here, f"{choice}{_AT}0") if choice in _audiences(here) else None
        place, *deeper = here.pending
        audience = _list_at(here, place)
        if audience is None:
            return _to(here, said=(here.say("card_gone"),))
        if choice == _SUBSCRIBE and _may_subscribe(here, audience):
            return _to(here, place, _SUBSCRIBE)
        if not deeper:
            return self._picked(here, place, choice)
        if deeper[0] == _SUBSCRIBE:
            return self._agreed(here, place, choice)
        return self._went_on(here, place, deeper[0], choice)

    def _picked(self, here: Here, place: str, choice: str) -> Heard | None:
        audience, offset = _read(place)
        cards = _cards(here, audience)
        if choice == _MORE:
            following = offset + PER_PAGE if offset + PER_PAGE < len(cards) else 0
            return _to(here, f"{audience}{_AT}{following}")
        if any(card.id == choice for card in cards):
            return _to(here, place, choice)
        is_gone = len(choice) == CARD_ID_LETTERS
        return _to(here, place, said=(here.say("card_gone"),)) if is_gone else None

    def _agreed(self, here: Here, place: str, choice: str) -> Heard | None:
        if choice == _AGREE:
            audience, _ = _read(place)
            return Heard(here.conversation, (effects.Subscribe(audience),), is_waiting=True)
        return _to(here, place) if choice == _NO else None

    def _went_on(self, here: Here, place: str, card_id: str, choice: str) -> Heard | None:
        audience, _ = _read(place)
        if choice == _OTHERS:
            return _to(here, place)
        if choice != _NEXT:
            return None
        ids = [card.id for card in _cards(here, audience)]
        at = ids.index(card_id) + 1 if card_id in ids else 0
        at %= len(ids)
        return _to(here, f"{audience}{_AT}{at - at % PER_PAGE}", ids[at])

    def needs(self, key: str) -> Iterable[str]:
        buttons = (*AUDIENCES, _SUBSCRIBE, _MORE, _NEXT, _OTHERS, _CLOSE)
        yield from (f"label.{key}.{button}" for button in buttons)
        yield from (f"label.{_SUBSCRIBE}.{button}" for button in (_AGREE, _NO))
        yield from (f"say.subscribe_{verdict}" for verdict in (*VERDICTS, "not"))
        yield from ("ask.learn", "ask.learn_card", "ask.learn_read", "ask.subscribe")
        yield from ("say.no_cards", "say.card_gone", "label.card_gone", "say.card_new")

    def most_choices(self) -> int:
        return PER_PAGE + 3


def _screen(text: str, *shown: Option, **params: effects.Param) -> Screen:
    """A screen with its own way out: cancel would be about what the aside interrupts."""
    way_out = _of_learn((_CLOSE,))
    return Screen(text, (*shown, *way_out), params=params, without=frozenset({"cancel"}))


def _of_learn(choices: Iterable[str]) -> tuple[Option, ...]:
    return options(DOOR, choices)


def _to(here: Here, *pending: str, said: tuple[Effect, ...] = ()) -> Heard:
    return Heard(replace(here.conversation, pending=pending), said)


def _audiences(here: Here) -> tuple[str, ...]:
    is_member = here.conversation.member is not None
    return audiences_of(here.book.cards, is_member=is_member)


def _cards(here: Here, audience: str) -> tuple[KnowledgeCard, ...]:
    return tuple(card for card in here.book.cards if audience in card.audiences)


def _list_at(here: Here, place: str) -> str | None:
    """The audience whose list stands at *place*, if it may still be read here."""
    audience, _ = _read(place)
    return audience if audience in _audiences(here) else None


def _read(place: str) -> tuple[str, int]:
    audience, _, offset = place.partition(_AT)
    return audience, int(offset) if offset.isdecimal() else 0


def _may_subscribe(here: Here, audience: str) -> bool:
    return here.book.channel.can_push and audience != BEHIND_A_CODE
