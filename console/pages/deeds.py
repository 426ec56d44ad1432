"""What an officer can do to a tip from its page: every deed, its form, and when it is offered.

A deed is one entry of `DEEDS`: its name is the last step of the form's address and the name of its
template (`templates/deeds/NAME.html`), which finds what `offers` made in `its`, the officer's typed
words in `kept`, and the page's macros. A deed that is not offered has no form on the page; whether
it may be done is for the library and the desk to say, never for the page.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from console import acting, closing, days, present
from console.acting import STATUSES
from console.answers import TreeCentre
from console.assigning import assign, may_give, readers
from console.bodies import outside
from console.endings import ENDS
from console.errors import ConsoleError, Mistaken
from console.extending import extend, prepared_sentence
from console.handing_over import agree
from console.legal_hold import may_hold, set_held
from console.linking import link, links_of, unlink
from console.office import Office, Reading
from console.office_rows import is_application
from console.opened import open_now
from console.opening import approve, open_original
from console.originals import kept_files
from console.referring import refer
from console.reply_templates import REFER_OUT, filled, find_template, referral, templates_for
from console.results import REFERRED, results_for
from console.seconded import waiting_for_others
from console.trust import Trust
from console.withdrawing import may_withdraw, readers_of, withdraw
from console.words import LANGUAGES, Words, usual_steps
from sealing import Opens

Form = Mapping[str, str]
Shown = Mapping[str, object]


class Place(StrEnum):
    """Where on the page a deed's form stands."""

    HOLDER = "holder"  # who holds the tip
    ACTIONS = "actions"
    LINKS = "links"  # beside the tips about the same thing
    READERS = "readers"  # beside who can read it
    WRITE = "write"  # under the conversation


@dataclass(frozen=True, slots=True)
class Scene:
    """What the page knows when it asks which deeds to offer. *error* is what the last one met,
    *home* the officer's folder."""

    words: Words
    reading: Reading
    trust: Trust
    centres: Mapping[str, TreeCentre]
    own: str
    error: ConsoleError | None = None
    home: Path | None = None

    @property
    def is_application(self) -> bool:
        return is_application(self.reading.tip.grant.summary)

    @property
    def holder(self) -> str | None:
        return self.reading.tip.shown.claimed_by

    def is_about(self, *keys: str) -> bool:
        """Whether the last deed met an error of one of these *keys*."""
        return self.error is not None and self.error.key in keys


class Kept(dict[str, str]):
    """What stood in a form's fields; empty where a field had nothing."""

    def __missing__(self, name: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an officer had typed when something came in between: never lost."""

    forms: Mapping[str, Form] = field(default_factory=dict, repr=False)

    def kept(self, deed: str) -> Kept:
        """What had been typed into the form of *deed*."""
        return Kept(self.forms.get(deed, {}))

    @property
    def texts(self) -> tuple[str, ...]:
        """What was written by hand, for a page that cannot show the form."""
        return tuple(
            text
            for form in self.forms.values()
            for name in ("words", "reason")
            if (text := form.get(name))
        )


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed. *done* is the word of success; *offers* says what its form shows, or None where
    it is not offered."""

    work: Callable[[Office, str, Form, Words], Awaitable[None]]
    done: str
    place: Place
    offers: Callable[[Scene], Shown | None]


def offered(scene: Scene, place: Place) -> list[tuple[str, Shown]]:
    """The deeds that are offered at *place*, with what their forms show, in the table's order."""
    found = ((name, deed.offers(scene)) for name, deed in DEEDS.items() if deed.place is place)
    return [(name, its) for name, its in found if its is not None]


async def template_words(office: Office, tip_id: str, name: str) -> str:
    """The words of the template *name*, filled in for the tip. Raises Mistaken where there is no
    such template."""
    return await filled(office, tip_id, find_template(templates_for(office.home), name, ""))


# --- each deed


async def _reply(office: Office, tip_id: str, form: Form, words: Words) -> None:
    await acting.reply(office, tip_id, form.get("words", ""), despite=_despite(form))


async def _note(office: Office, tip_id: str, form: Form, words: Words) -> None:
    await acting.note(office, tip_id, form.get("words", ""), despite=_despite(form))


async def _status(office: Office, tip_id: str, form: Form, words: Words) -> None:
    await acting.set_status(
        office,
        tip_id,
        form.get("status", ""),
        form.get("words", ""),
        prepared=present.prepared_sentences(words),
        reason=form.get("reason", ""),
        despite=_despite(form),
        is_sure=_is_sure(form),
    )


async def _close(office: Office, tip_id: str, form: Form, words: Words) -> None:
    status, _, result = form.get("outcome", "").partition("/")
    if status not in ENDS:
        raise Mistaken("close.needs_result", known="")
    await closing.end(
        office,
        tip_id,
        status,
        result,
        form.get("reason", ""),
        form.get("words", ""),
        despite=_despite(form),
        is_sure=_is_sure(form),
    )


async def _refer_out(office: Office, tip_id: str, form: Form, words: Words) -> None:
    body, said = closing.find_body(_chosen(form, "to")), form.get("words", "")
    if not said.strip():
        language = form.get("language", "")
        prepared = referral(templates_for(office.home, REFER_OUT), body, language)
        said = await filled(office, tip_id, prepared, body)
    await closing.refer_out(
        office,
        tip_id,
        body.id,
        form.get("reason", ""),
        said,
        despite=_despite(form),
        is_sure=_is_sure(form),
    )


async def _claim(office: Office, tip_id: str, form: Form, words: Words) -> None:
    await acting.claim(office, tip_id)


async def _release(office: Office, tip_id: str, form: Form, words: Words) -> None:
    await acting.release(office, tip_id)


async def _assign(office: Office, tip_id: str, form: Form, words: Words) -> None:
    await assign(office, tip_id, _chosen(form, "to"), despite=_despite(form))


async def _refer(office: Office, tip_id: str, form: Form, words: Words) -> None:
    await refer(
        office,
        tip_id,
        _chosen(form, "to"),
        form.get("words", ""),
        form.get("reason", ""),
        despite=_despite(form),
        is_sure=_is_sure(form),
        is_conflict_free=form.get("no_conflict") == "yes",
    )


async def _extend(office: Office, tip_id: str, form: Form, words: Words) -> None:
    await extend(
        office,
        tip_id,
        form.get("until", ""),
        form.get("reason", ""),
        form.get("words", ""),
        words=words,
        despite=_despite(form),
    )


async def _link(office: Office, tip_id: str, form: Form, words: Words) -> None:
    other = await office.tip_id(form.get("other", ""))
    await link(office, tip_id, other, form.get("words", ""), despite=_despite(form))


async def _unlink(office: Office, tip_id: str, form: Form, words: Words) -> None:
    await unlink(
        office, tip_id, form.get("other", ""), form.get("words", ""), despite=_despite(form)
    )


async def _original(office: Office, tip_id: str, form: Form, words: Words) -> None:
    seq = form.get("seq", "")
    number = int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 10 else 0
    await open_original(office, tip_id, number, form.get("reason", ""), despite=_despite(form))


async def _approve(office: Office, tip_id: str, form: Form, words: Words) -> None:
    await approve(office, tip_id, form.get("opening", "-"), despite=_despite(form))


async def _approve_handover(office: Office, tip_id: str, form: Form, words: Words) -> None:
    await agree(office, tip_id, form.get("handover", "-"), despite=_despite(form))


async def _withdraw(office: Office, tip_id: str, form: Form, words: Words) -> None:
    await withdraw(
        office, tip_id, _chosen(form, "who"), form.get("reason", ""), despite=_despite(form)
    )


async def _hold(office: Office, tip_id: str, form: Form, words: Words) -> None:
    reason = form.get("reason", "")
    await set_held(office, tip_id, reason, is_held=True, despite=_despite(form))


async def _unhold(office: Office, tip_id: str, form: Form, words: Words) -> None:
    reason = form.get("reason", "")
    await set_held(office, tip_id, reason, is_held=False, despite=_despite(form))


def _chosen(form: Form, name: str) -> str:
    """What was picked from a list. Raises Mistaken where nothing was."""
    if not form.get(name):
        raise Mistaken("page.nothing_chosen")
    return form[name]


def _despite(form: Form) -> bool:
    return form.get("despite") == "yes"


def _is_sure(form: Form) -> bool:
    return form.get("sure") == "yes"


def _if(is_offered: bool, **shown: object) -> Shown | None:
    return shown if is_offered else None


def _offers_status(scene: Scene) -> Shown:
    prepared = present.prepared_sentences(scene.words) if scene.is_application else {}
    others = tuple(prepared) or tuple(each for each in STATUSES if each not in ENDS)
    now = scene.reading.tip.shown.status
    usual = usual_steps("application" if scene.is_application else "tip").get(now, ())
    return {
        "prepared": prepared,
        "statuses": sorted(others, key=lambda each: each not in usual),  # what comes next, first
        "needs_sure": _needs_sure(scene),
    }


_ONCE_MORE = ("status.unclaimed", "status.unusual")


def _offers_close(scene: Scene) -> Shown | None:
    now, language = scene.reading.tip.shown.status, scene.words.language
    ways = [
        (status, [(each.id, each.name(language)) for each in results_for(status)])
        for status in ("closed", "declined")
        if status != now
    ]
    is_offered = not scene.is_application and now not in ENDS
    return _if(is_offered, ways=ways, needs_sure=_needs_sure(scene))


def _offers_refer_out(scene: Scene) -> Shown | None:
    bodies = [(each.id, each.called(scene.words.language)) for each in outside()]
    is_offered = not scene.is_application and scene.reading.tip.shown.status != REFERRED
    return _if(is_offered, bodies=bodies, languages=LANGUAGES, needs_sure=_needs_sure(scene))


def _offers_reply(scene: Scene) -> Shown | None:
    """With prepared words to pick from; what is wrong with the officer's own is said there."""
    try:
        found, problem = templates_for(scene.home), None
    except Mistaken as error:
        found, problem = templates_for(None), present.explain(scene.words, error)
    picks = [
        (language, [(each.name, each.title) for each in found if each.language == language])
        for language in LANGUAGES
    ]
    is_offered = not scene.reading.tip.shown.no_contact
    return _if(is_offered, picks=picks, problem=problem)


def _needs_sure(scene: Scene) -> bool:
    return scene.holder is None or scene.is_about(*_ONCE_MORE)


def _offers_assign(scene: Scene) -> Shown | None:
    """To colleagues who can open it; to oneself only by taking it from somebody."""
    if not may_give(scene.reading, scene.trust, scene.own):
        return None
    colleagues = [
        (each.id, each.name)
        for each in readers(scene.reading, scene.trust)
        if each.id != scene.holder and (scene.holder is not None or each.id != scene.own)
    ]
    return _if(bool(colleagues), colleagues=colleagues)


def _offers_refer(scene: Scene) -> Shown | None:
    others = [
        (each.id, each.name(scene.words.language), each.agency is not None)
        for each in scene.centres.values()
        if each.id != scene.reading.tip.shown.centre
    ]
    return _if(bool(scene.centres), centres=others, needs_sure=scene.is_about("refer.integrity"))


def _offers_extend(scene: Scene) -> Shown | None:
    due, left = scene.reading.due_day, scene.reading.left
    if due is None or left is None:
        return None
    first = date.fromisoformat(due) + timedelta(days=max(1, -left))
    return {
        "due": due,
        "first": first.isoformat(),
        "prepared": prepared_sentence(scene.words, None),
    }


def _offers_unlink(scene: Scene) -> Shown | None:
    links = links_of(scene.reading.tip.parts, scene.reading.signed)
    return _if(bool(links), others=[link.other for link in links])


def _offers_original(scene: Scene) -> Shown | None:
    tip, now = scene.reading.tip, days.today()
    shut = [
        (part.seq, original.file.name or scene.words.label("media", original.file.media))
        for part, original in kept_files(tip)
        if original.file is not None
        and open_now(tip.shown.openings, scene.own, Opens.ORIGINAL, part.shown.part_id, now) is None
    ]
    return _if(bool(shut), files=shut)


def _offers_approve(scene: Scene) -> Shown | None:
    waiting = waiting_for_others(scene.reading.tip.shown.openings, scene.own)
    told = present.openings(scene.words, waiting, scene.trust.signers)
    return _if(bool(waiting), waiting=[(opening_id, text) for opening_id, _, text in told])


def _offers_approve_handover(scene: Scene) -> Shown | None:
    waiting = waiting_for_others(scene.reading.tip.shown.handovers, scene.own)
    told = present.handovers(scene.words, waiting, scene.trust.signers)
    return _if(bool(waiting), waiting=[(handover_id, text) for handover_id, _, text in told])


def _offers_withdraw(scene: Scene) -> Shown | None:
    shown = scene.reading.tip.shown
    readers = readers_of(scene.trust, shown, scene.own)
    is_offered = bool(readers) and may_withdraw(scene.own, scene.trust, shown)
    return _if(is_offered, readers=readers, is_old=shown.receipt_recipient is None)


def _offers_hold(scene: Scene, *, is_held: bool) -> Shown | None:
    """To put it on hold, or to lift that."""
    is_so = scene.reading.tip.shown.is_held is is_held
    return _if(not is_so and may_hold(scene.reading, scene.trust, scene.own))


DEEDS: Mapping[str, Deed] = {
    "claim": Deed(_claim, "act.claimed", Place.HOLDER, lambda at: _if(at.holder is None)),
    "release": Deed(_release, "act.released", Place.HOLDER, lambda at: _if(at.holder == at.own)),
    "assign": Deed(_assign, "page.assigned", Place.HOLDER, _offers_assign),
    "approve": Deed(_approve, "opening.agreed", Place.ACTIONS, _offers_approve),
    "approve-handover": Deed(
        _approve_handover, "handover.agreed_page", Place.ACTIONS, _offers_approve_handover
    ),
    "status": Deed(_status, "status.set", Place.ACTIONS, _offers_status),
    "close": Deed(_close, "close.done_page", Place.ACTIONS, _offers_close),
    "extend": Deed(_extend, "page.extended", Place.ACTIONS, _offers_extend),
    "refer": Deed(_refer, "page.referred", Place.ACTIONS, _offers_refer),
    "refer-out": Deed(_refer_out, "refer_out.done_page", Place.ACTIONS, _offers_refer_out),
    "original": Deed(_original, "opening.recorded", Place.ACTIONS, _offers_original),
    "hold": Deed(
        _hold, "legal_hold.done", Place.ACTIONS, lambda at: _offers_hold(at, is_held=True)
    ),
    "unhold": Deed(
        _unhold, "legal_hold.lifted", Place.ACTIONS, lambda at: _offers_hold(at, is_held=False)
    ),
    "withdraw": Deed(_withdraw, "withdraw.done_page", Place.READERS, _offers_withdraw),
    "link": Deed(_link, "link.done", Place.LINKS, lambda at: _if(True)),
    "unlink": Deed(_unlink, "link.undone", Place.LINKS, _offers_unlink),
    "reply": Deed(_reply, "act.replied", Place.WRITE, _offers_reply),
    "note": Deed(_note, "act.noted", Place.WRITE, lambda at: _if(True)),
}
