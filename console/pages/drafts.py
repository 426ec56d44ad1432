"""What an officer typed and did not send yet: kept in memory until it is sent, thrown away, or the
desk is locked.

So nothing that was typed is lost to an error, to a lock that came in between, or to a question that
was put into the reply. What a person must confirm anew (a tick) is not kept.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping

from console.pages.deeds import Draft, Form

TIPS_AT_MOST = 20
COMPOSED = {"reply": "words", "note": "note_words"}
"""The two deeds that share one form, the composer, and the field in which each is typed."""
_NOTE = COMPOSED["note"]
_OF_THE_PAGE = ("form_token", "page", "seen_to")
_NOT_KEPT = (*_OF_THE_PAGE, "despite", "sure", "no_conflict")
_BY_HAND = ("words", "reason", "other", "until")


def typed_into(deed: str, form: Form) -> Mapping[str, Form]:
    """What stood on the page, by the deed that it was typed for. The page is one form: a field of
    another deed than the two above is named "DEED.FIELD". Of deeds that are not done now, only what
    somebody typed counts, not what a list shows by itself."""
    if _NOTE not in form:
        return {deed: _worth_keeping(form)}
    typed = {each: {"words": form.get(name, "")} for each, name in COMPOSED.items()}
    for other in {name.partition(".")[0] for name in form if "." in name}:
        fields = _worth_keeping(_own(other, form))
        is_typed = any(fields.get(name, "").strip() for name in _BY_HAND)
        typed[other] = fields if is_typed or other == deed else {}
    return typed


def as_sent(deed: str, form: Form) -> Form:
    """The form as the deed reads it: its own fields only, and what it says is in "words"."""
    if _NOTE not in form:
        return form
    if deed in COMPOSED:
        return {**form, "words": form.get(COMPOSED[deed], "")}
    return _own(deed, form)


def asked_of(deed: str, form: Form) -> Mapping[str, str]:
    """What a form asks of *deed*, and nothing else that stood on the page."""
    said = as_sent(deed, form)
    if deed in COMPOSED:
        return {name: said[name] for name in ("words", "despite") if name in said}
    return {name: value for name, value in said.items() if name not in _OF_THE_PAGE}


def _own(deed: str, form: Form) -> dict[str, str]:
    """The fields of *deed*, by their own names."""
    prefix = f"{deed}."
    return {n.removeprefix(prefix): said for n, said in form.items() if n.startswith(prefix)}


def _worth_keeping(form: Form) -> dict[str, str]:
    return {name: said for name, said in form.items() if name not in _NOT_KEPT}


class Drafts:
    """The drafts of the last few tips."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, dict[str, Form]] = OrderedDict()

    def __repr__(self) -> str:
        return "Drafts(…)"

    def of(self, tip_id: str) -> Draft:
        return Draft(dict(self._kept.get(tip_id, {})))

    def keep(self, tip_id: str, typed: Mapping[str, Form]) -> None:
        """Keep what was typed; an emptied form is forgotten."""
        kept = {**self._kept.pop(tip_id, {}), **typed}
        kept = {deed: form for deed, form in kept.items() if any(_texts(form))}
        if kept:
            self._kept[tip_id] = kept
        while len(self._kept) > TIPS_AT_MOST:
            self._kept.popitem(last=False)

    def drop(self, tip_id: str, deed: str) -> None:
        """Forget what was typed for *deed*: it was sent."""
        self.keep(tip_id, {deed: {}})

    def forget(self, tip_id: str | None = None) -> None:
        """Forget the drafts of one tip, or all of them."""
        if tip_id is None:
            self._kept.clear()
        else:
            self._kept.pop(tip_id, None)


def _texts(form: Form) -> Iterator[str]:
    return (said for said in form.values() if said.strip())
