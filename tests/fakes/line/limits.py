"""What LINE refuses in a message, by its own documents; a finding names the property, as LINE does.

Owns the figures. Refuses to be lenient where the documents are silent about a kind of message: what
is not known here is refused, so that nothing untested goes out.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from handlers.thai import count_graphemes

MESSAGES_AT_MOST = 5
TEXT_UNITS = 5000
ALT_UNITS = 1500
QUICK_ITEMS = 13
LABEL_GRAPHEMES = 20
FLEX_LABEL_GRAPHEMES = 40
DATA_UNITS = 300
DISPLAY_UNITS = 300
ACTION_TEXT_UNITS = 300
URI_UNITS = 1000
TEMPLATE_BUTTONS = 4
TEMPLATE_TEXT_UNITS = 160
BUBBLE_BYTES = 30 * 1024
CAROUSEL_BYTES = 50 * 1024
CAROUSEL_BUBBLES = 12

Finding = dict[str, str]
_FLEX_FIELDS: Mapping[str, frozenset[str]] = {
    "bubble": frozenset(
        {"type", "size", "direction", "header", "hero", "body", "footer", "styles", "action"}
    ),
    "carousel": frozenset({"type", "contents"}),
    "box": frozenset(
        {"type", "layout", "contents", "spacing", "margin", "backgroundColor", "cornerRadius"}
        | {"paddingAll", "paddingTop", "paddingBottom", "paddingStart", "paddingEnd", "flex"}
        | {"alignItems", "justifyContent", "borderColor", "borderWidth", "action", "width"}
    ),
    "text": frozenset(
        {"type", "text", "size", "weight", "color", "wrap", "flex", "margin", "align", "gravity"}
        | {"maxLines", "style", "decoration", "lineSpacing", "action", "contents"}
    ),
    "button": frozenset({"type", "action", "style", "color", "height", "margin", "flex"}),
    "separator": frozenset({"type", "margin", "color"}),
    "filler": frozenset({"type", "flex"}),
}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?")


def units(text: str) -> int:
    """How long LINE says *text* is: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_messages(messages: object) -> list[Finding]:
    """Everything that is wrong with the `messages` of a reply or a push; [] when LINE takes it."""
    if not isinstance(messages, list) or not messages:
        return [_finding("May not be empty", "messages")]
    if len(messages) > MESSAGES_AT_MOST:
        return [_finding("Size must be between 1 and 5", "messages")]
    found: list[Finding] = []
    for place, message in enumerate(messages):
        found.extend(_message(message, f"messages[{place}]"))
    return found


def _message(message: object, at: str) -> Iterator[Finding]:
    if not isinstance(message, dict):
        yield _finding("Invalid", at)
        return
    check = _KINDS.get(str(message.get("type")))
    if check is None:
        yield _finding("Must be one of the following values: [text, flex, template]", f"{at}.type")
        return
    yield from check(message, at)
    if message.get("quickReply") is not None:
        yield from _quick_reply(message["quickReply"], f"{at}.quickReply")


def _text(message: Mapping[str, Any], at: str) -> Iterator[Finding]:
    yield from _said(message.get("text"), TEXT_UNITS, f"{at}.text")
    yield from _known(message, {"type", "text", "quickReply", "quoteToken", "emojis"}, at)


def _flex(message: Mapping[str, Any], at: str) -> Iterator[Finding]:
    yield from _said(message.get("altText"), ALT_UNITS, f"{at}.altText")
    yield from _known(message, {"type", "altText", "contents", "quickReply"}, at)
    contents = message.get("contents")
    kind = contents.get("type") if isinstance(contents, dict) else None
    if not isinstance(contents, dict) or kind not in ("bubble", "carousel"):
        yield _finding("invalid type", f"{at}.contents")
        return
    bubbles = [contents] if kind == "bubble" else contents.get("contents")
    if not isinstance(bubbles, list) or not 1 <= len(bubbles) <= CAROUSEL_BUBBLES:
        yield _finding("size must be between 1 and 12", f"{at}.contents.contents")
        return
    if kind == "carousel" and _size(contents) > CAROUSEL_BYTES:
        yield _finding("too large", f"{at}.contents")
    for place, bubble in enumerate(bubbles):
        if _size(bubble) > BUBBLE_BYTES:
            yield _finding("too large", f"{at}.contents[{place}]")
        yield from _component(bubble, f"{at}.contents[{place}]")


def _component(part: object, at: str) -> Iterator[Finding]:
    if not isinstance(part, dict) or part.get("type") not in _FLEX_FIELDS:
        yield _finding("invalid type", at)
        return
    kind = part["type"]
    yield from _known(part, set(_FLEX_FIELDS[kind]), at)
    if "color" in part and not _COLOUR.fullmatch(str(part["color"])):
        yield _finding("invalid color", f"{at}.color")
    if kind == "text" and "contents" not in part:
        yield from _said(part.get("text"), 2000, f"{at}.text")
    if kind == "box":
        if part.get("layout") not in ("horizontal", "vertical", "baseline"):
            yield _finding("invalid layout", f"{at}.layout")
        if not isinstance(part.get("contents"), list):
            yield _finding("May not be empty", f"{at}.contents")
    if kind == "button":
        yield from _action(part.get("action"), f"{at}.action", FLEX_LABEL_GRAPHEMES)
    nested = part.get("contents", []) if kind == "box" else []
    named = [part[name] for name in ("header", "hero", "body", "footer") if name in part]
    for place, each in enumerate([*nested, *named]):
        yield from _component(each, f"{at}[{place}]")


def _template(message: Mapping[str, Any], at: str) -> Iterator[Finding]:
    yield from _said(message.get("altText"), ALT_UNITS, f"{at}.altText")
    template = message.get("template")
    if not isinstance(template, dict) or template.get("type") not in ("buttons", "confirm"):
        yield _finding("Must be one of the following values: [buttons, confirm]", f"{at}.template")
        return
    yield from _said(template.get("text"), TEMPLATE_TEXT_UNITS, f"{at}.template.text")
    actions = template.get("actions")
    if not isinstance(actions, list) or not 1 <= len(actions) <= TEMPLATE_BUTTONS:
        yield _finding("Size must be between 1 and 4", f"{at}.template.actions")
        return
    for place, action in enumerate(actions):
        yield from _action(action, f"{at}.template.actions[{place}]", LABEL_GRAPHEMES)


_KINDS: Mapping[str, Callable[[Mapping[str, Any], str], Iterator[Finding]]] = {
    "text": _text,
    "flex": _flex,
    "template": _template,
}


def _quick_reply(quick_reply: object, at: str) -> Iterator[Finding]:
    items = quick_reply.get("items") if isinstance(quick_reply, dict) else None
    if not isinstance(items, list) or not 1 <= len(items) <= QUICK_ITEMS:
        yield _finding("Size must be between 1 and 13", f"{at}.items")
        return
    for place, item in enumerate(items):
        if not isinstance(item, dict) or item.get("type") != "action":
            yield _finding("Must be one of the following values: [action]", f"{at}.items[{place}]")
            continue
        yield from _action(item.get("action"), f"{at}.items[{place}].action", LABEL_GRAPHEMES)


def _action(action: object, at: str, label_at_most: int) -> Iterator[Finding]:
    if not isinstance(action, dict):
        yield _finding("May not be null", at)
        return
    yield from check_action(action, at, label_at_most)


def check_action(
    action: Mapping[str, Any], at: str, label_at_most: int, *, needs_label: bool = True
) -> Iterator[Finding]:
    """What is wrong with one action; also used for the areas of a rich menu."""
    label = action.get("label")
    if (needs_label and not label) or (label and count_graphemes(str(label)) > label_at_most):
        yield _finding(f"Length must be between 1 and {label_at_most}", f"{at}.label")
    match action.get("type"):
        case "postback":
            yield from _said(action.get("data"), DATA_UNITS, f"{at}.data")
            if action.get("displayText") is not None:
                yield from _said(action["displayText"], DISPLAY_UNITS, f"{at}.displayText")
        case "message":
            yield from _said(action.get("text"), ACTION_TEXT_UNITS, f"{at}.text")
        case "uri":
            yield from _said(action.get("uri"), URI_UNITS, f"{at}.uri")
        case "richmenuswitch":
            yield from _said(action.get("data"), DATA_UNITS, f"{at}.data")
            yield from _said(action.get("richMenuAliasId"), 32, f"{at}.richMenuAliasId")
        case "camera" | "cameraRoll" | "location":
            pass
        case _:
            yield _finding("Must be one of the known action types", f"{at}.type")


def _said(text: object, at_most: int, at: str) -> Iterator[Finding]:
    if not isinstance(text, str) or not text.strip():
        yield _finding("May not be empty", at)
    elif units(text) > at_most:
        yield _finding(f"Length must be between 0 and {at_most}", at)


def _known(body: Mapping[str, Any], fields: set[str], at: str) -> Iterator[Finding]:
    for name in sorted(set(body) - fields):
        yield _finding("unknown field", f"{at}.{name}")


def _size(body: object) -> int:
    return len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def _finding(message: str, at: str) -> Finding:
    return {"message": message, "property": at}


def is_text(value: object, at_least: int, at_most: int) -> bool:
    """Whether *value* is a text of so many UTF-16 units."""
    return isinstance(value, str) and at_least <= units(value) <= at_most
