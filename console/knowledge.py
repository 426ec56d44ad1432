"""A registrar's cards: written, replaced, withdrawn, sent. Every deed is signed here.

What the desk lists is believed only under the signature of a registrar whom the roster names, as
the bot believes it. Raises Mistaken for a text that no card may have, before anything is sent.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from console import answers
from console.acting import new_id
from console.desk_wire import StaleTip
from console.errors import Distrusted, Mistaken, Refused
from console.office import PREFIX_AT_LEAST, Office
from console.trust import Trust
from sealing import (
    Audience,
    BadCard,
    CardState,
    CardText,
    KnowledgeCard,
    Role,
    SealingError,
    campaign_statement,
    check_registrar,
    read_audiences,
    read_content,
)
from sealing.cards import LANGUAGES

AT_MOST_BYTES = 64 * 1024
PARTS = ("label", "title", "body")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a registrar wrote: for whom, and in which words."""

    audiences: tuple[Audience, ...]
    texts: tuple[CardText, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A card as the desk lists it; *card* is None where it does not verify."""

    shown: answers.Card
    card: KnowledgeCard | None

    def label(self, language: str) -> str:
        """What its button says in *language*; "" where it does not verify."""
        texts = () if self.card is None else self.card.texts
        return next((text.label for text in texts if text.language == language), "")


def read_draft(raw: bytes) -> Draft:
    """The card that *raw* (TOML) says. Raises Mistaken, naming the text and what is wrong."""
    if len(raw) > AT_MOST_BYTES:
        raise Mistaken("knowledge.file_long", n=AT_MOST_BYTES // 1024)
    try:
        body = tomllib.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Mistaken("knowledge.file_bad") from None
    unknown = set(body) - {"audiences", *LANGUAGES}
    if unknown:
        raise Mistaken("knowledge.file_unknown", name=min(unknown))
    return Draft(_audiences(body.get("audiences")), tuple(_text(body, each) for each in LANGUAGES))


async def cards(office: Office) -> tuple[Listed, ...]:
    """Every card, newest day first, each checked."""
    trust = await office.trust()
    return tuple(_checked(each, trust) for each in (await office.desk.cards()).cards)


async def publish(
    office: Office, draft: Draft, *, centre: str | None = None, instead_of: str | None = None
) -> KnowledgeCard:
    """Publish *draft* as a new card, or as the next version of the card *instead_of*."""
    old = None if instead_of is None else await find(office, instead_of)
    card = KnowledgeCard(
        card_id=new_id() if old is None else old.shown.card_id,
        version=1 if old is None else old.shown.version + 1,
        centre=await _centre(office, centre if old is None else old.shown.centre),
        audiences=draft.audiences,
        state=CardState.PUBLISHED,
        day=office.today().isoformat(),
        officer=office.keys.id,
        texts=draft.texts,
    )
    await _put(office, card)
    return card


async def withdraw(office: Office, which: str) -> KnowledgeCard:
    """Take the card *which* out of the chat; what is being sent of it stops."""
    listed = await find(office, which)
    if listed.card is None:
        raise Distrusted("knowledge.unverified")
    if listed.card.state is CardState.WITHDRAWN:
        raise Mistaken("knowledge.withdrawn_already")
    await _centre(office, listed.card.centre)
    gone = replace(
        listed.card,
        version=listed.card.version + 1,
        state=CardState.WITHDRAWN,
        day=office.today().isoformat(),
        officer=office.keys.id,
    )
    await _put(office, gone)
    return gone


async def send(office: Office, which: str, audiences: Iterable[str]) -> str:
    """Have the card *which* sent to who asked for cards of *audiences* (all of its own if none is
    named, never the network); the campaign's id."""
    listed = await find(office, which)
    if listed.card is None:
        raise Distrusted("knowledge.unverified")
    may = [each for each in listed.card.audiences if each is not Audience.NETWORK]
    wanted = _audiences(list(audiences)) if audiences else tuple(may)
    if not wanted or not set(wanted) <= set(may):
        raise Mistaken("campaign.not_for", known=", ".join(may) or "–")
    await _centre(office, listed.card.centre)
    fields = {
        "campaign_id": new_id(),
        "card_id": listed.card.card_id,
        "centre": listed.card.centre,
        "audiences": ",".join(wanted),
        "day": office.today().isoformat(),
    }
    said = campaign_statement(**fields, officer=office.keys.id)
    try:
        await office.desk.begin_campaign(fields, office.keys.sign.sign(said))
    except StaleTip:
        raise Refused("campaign.running") from None
    return fields["campaign_id"]


async def stop(office: Office, which: str) -> bool:
    """Stop the campaign *which*; whether it was running until now."""
    listed = (await office.desk.campaigns()).campaigns
    campaign_id = _one_of(which, [each.campaign_id for each in listed], "campaign.none")
    return await office.desk.stop_campaign(campaign_id)


async def find(office: Office, which: str) -> Listed:
    """The card that *which* (its id, or how that begins) names. Raises Mistaken."""
    listed = {each.shown.card_id: each for each in await cards(office)}
    return listed[_one_of(which, list(listed), "knowledge.none")]


def _one_of(which: str, ids: Sequence[str], none: str) -> str:
    typed = which.strip().lower()
    found = [each for each in ids if each.startswith(typed)]
    if len(typed) < PREFIX_AT_LEAST or len(found) != 1:
        raise Mistaken(none, which=which, n=PREFIX_AT_LEAST)
    return found[0]


async def _put(office: Office, card: KnowledgeCard) -> None:
    try:
        await office.desk.put_card(card, office.keys.sign.sign(card.statement))
    except StaleTip:
        raise Refused("knowledge.stale") from None


async def _centre(office: Office, wanted: str | None) -> str:
    """The centre in whose name this registrar signs. Raises Mistaken."""
    me = (await office.trust()).roster.officer(office.keys.id)
    centres = () if me is None or not me.has(Role.REGISTRAR) else me.centres
    if not centres:
        raise Mistaken("knowledge.not_registrar")
    if wanted is None and len(centres) == 1:
        return centres[0]
    if wanted not in centres:
        raise Mistaken("knowledge.which_centre", known=", ".join(centres))
    return wanted


def _checked(shown: answers.Card, trust: Trust) -> Listed:
    try:
        card = KnowledgeCard(
            shown.card_id,
            shown.version,
            shown.centre,
            read_audiences(shown.audiences),
            CardState(shown.state),
            shown.day,
            shown.officer,
            read_content(shown.content),
        )
        check_registrar(trust.roster, card.officer, card.centre, card.statement, shown.signature)
    except (SealingError, ValueError):
        return Listed(shown, None)
    return Listed(shown, card)


def _audiences(named: object) -> tuple[Audience, ...]:
    known = ", ".join(Audience)
    if not isinstance(named, list) or not named:
        raise Mistaken("knowledge.no_audience", known=known)
    try:
        return tuple(sorted({Audience(each) for each in named}))
    except ValueError:
        raise Mistaken("knowledge.no_audience", known=known) from None


def _text(body: Mapping[str, object], language: str) -> CardText:
    table = body.get(language)
    if not isinstance(table, Mapping):
        raise Mistaken("knowledge.missing", language=language, part="–")
    unknown = set(table) - set(PARTS)
    if unknown:
        raise Mistaken("knowledge.file_unknown", name=f"{language}.{min(unknown)}")
    said = []
    for part in PARTS:
        words = table.get(part)
        if not isinstance(words, str) or not words.strip():
            raise Mistaken("knowledge.missing", language=language, part=part)
        said.append(words.replace("\r\n", "\n").strip())
    try:
        return CardText(language, *said)
    except BadCard as bad:
        raise Mistaken(f"knowledge.bad_{bad.wrong}", language=language, part=bad.part) from None
