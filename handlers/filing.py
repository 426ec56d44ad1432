"""From a finished draft to a filed tip: the form, the summary, and the first words after it."""

from dataclasses import replace

from handlers.conversation import Conversation
from handlers.effects import CheckMember, Effect, File, Json, SecretOnce
from handlers.flow import Flow, holds
from handlers.kinds.agency import CONFIRMED
from handlers.kinds.base import Heard, Here
from handlers.strays import crisis
from handlers.trail import completeness

FORM_SCHEMA = 1
_UNSURE = "unsure"


def file_tip(here: Here, *, is_member_checked: bool = False) -> Heard:
    """File the draft, and stand on the receipt's screen; or first ask what a release added, or have
    the member's code looked at again: it may have been stopped since it was typed."""
    conversation, book = here.conversation, here.book
    flow = book.flows[conversation.flow]
    if _is_unasked(flow, conversation, here.key):
        return Heard(conversation, (here.say("one_more"),))
    locator = None if conversation.member is None else conversation.member.locator
    if locator is not None and not is_member_checked:
        waiting = replace(conversation, is_sending=True)
        return Heard(waiting, (CheckMember(locator),), is_waiting=True)
    agency, province = conversation.answer("agency"), conversation.answer(flow.province).value
    effects: list[Effect] = [
        File(
            _form(flow, conversation),
            _summary(flow, conversation),
            province=None if province == _UNSURE else province,
            excluded=agency.ids,
            is_agency_confirmed=agency.value == CONFIRMED,
            locator=locator,
        ),
        here.say(flow.sent_saying, days=book.limits.acknowledge_days),
    ]
    effects.append(SecretOnce(conversation.language, "receipt"))
    # After the receipt: on a small screen what must not be missed comes first.
    if conversation.is_crisis or "afraid" in conversation.answer("more").ids:
        effects.append(crisis(here))
    notice = "off" if book.channel.can_push else None
    receipt = Conversation("receipt", conversation.language, notice=notice)
    return Heard(receipt, tuple(effects))


def _is_unasked(flow: Flow, conversation: Conversation, but: str) -> bool:
    return any(
        question.key != but
        and not conversation.answer(question.key).is_settled
        and holds(question, conversation.told)
        for question in flow.questions
    )


def _form(flow: Flow, conversation: Conversation) -> dict[str, Json]:
    """Every answer, under the key it was told under: also one whose question is gone by now.

    *barred* is who must not see the tip; it is there only when an agency was confirmed, and it is
    what officers' consoles can still hold to once the draft is gone. It does not say which agency.
    """
    agency = conversation.answer("agency")
    answers: dict[str, Json] = {}
    for key, answer in conversation.told.items():
        question = flow.find(key)
        if question is not None and question.kind.is_secret:
            continue  # that a code was good is in the summary, with whose
        told: dict[str, Json] = {}
        if answer.value is not None:
            told["value"] = answer.value
        if answer.ids and key != "agency":
            told["ids"] = list(answer.ids)
        if answer.parts:
            told["counts"] = dict(answer.counts)
        if answer.is_skipped:
            told["skipped"] = True
        answers[key] = told
    form: dict[str, Json] = {
        "schema": FORM_SCHEMA,
        "kind": flow.tip_kind or conversation.kind,
        "answers": answers,
    }
    if agency.value == CONFIRMED:
        form["barred"] = list(agency.ids)
    return form


def _summary(flow: Flow, conversation: Conversation) -> dict[str, Json]:
    have, of = completeness(flow, conversation)
    member, more = conversation.member, conversation.answer("more").ids
    return {
        "category": conversation.answer("category").value or flow.category,
        "province": conversation.answer(flow.province).value or _UNSURE,
        "kind": flow.tip_kind or conversation.kind,
        "is_verified": member is not None,
        "alias": None if member is None else member.alias,
        "is_duress": member is not None and member.is_duress,
        "member_centre": None if member is None else member.centre,
        "member_since": None if member is None else member.since,
        "is_secondhand": member is not None and "told_by_other" in more,
        "is_afraid": "afraid" in more,
        "is_reported_elsewhere": "reported_elsewhere" in more,
        "completeness_have": have,
        "completeness_of": of,
    }
