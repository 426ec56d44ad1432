"""A page as somebody without JavaScript has it: its text, its forms, its buttons.

A small tree from the standard library's parser; enough for pages that are plain HTML, and nothing
is repaired: what a page of ours leaves open stays open.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

BULLET = "• "
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr")
)
_LINES = frozenset(("p", "li", "div", "br", "h1", "h2", "h3", "ul", "ol", "blockquote", "dt", "dd"))


@dataclass(slots=True)
class Node:
    """An element; its children are elements and texts."""

    tag: str
    attrs: Mapping[str, str]
    children: list["Node | str"] = field(default_factory=list)

    @property
    def classes(self) -> frozenset[str]:
        return frozenset(self.attrs.get("class", "").split())

    def all(self, tag: str) -> Iterator["Node"]:
        """Every element of this kind underneath, in order."""
        for child in self.children:
            if isinstance(child, Node):
                if child.tag == tag:
                    yield child
                yield from child.all(tag)

    def with_class(self, name: str) -> Iterator["Node"]:
        """Every element of this class underneath, in order."""
        for child in self.children:
            if isinstance(child, Node):
                if name in child.classes:
                    yield child
                yield from child.with_class(name)

    @property
    def elements(self) -> tuple["Node", ...]:
        """The elements right underneath."""
        return tuple(child for child in self.children if isinstance(child, Node))

    @property
    def typed(self) -> str:
        """What stands in a text box: everything but the line break that may begin it."""
        return "".join(child for child in self.children if isinstance(child, str)).removeprefix(
            "\n"
        )

    @property
    def text(self) -> str:
        """What is read: one line per paragraph or item, spaces run together."""
        lines = "".join(self._pieces()).split("\n")
        kept = (" ".join(line.split()) for line in lines)
        return "\n".join(line for line in kept if line)

    def _pieces(self, before: str = "") -> Iterator[str]:
        edge = "\n" if self.tag in _LINES else ""
        yield edge + before
        for child in self.children:
            if isinstance(child, Node):
                yield from child._pieces(BULLET if (self.tag, child.tag) == ("ul", "li") else "")
            else:
                yield child.replace("\n", " ")  # a line break in the source is a space
        yield edge


@dataclass(frozen=True, slots=True)
class Form:
    """A form and where it goes. *given* is what it would send untouched: hidden fields, and what
    stands in its box already."""

    action: str
    method: str
    encoding: str
    given: Mapping[str, str]
    text_field: str | None
    file_field: str | None
    buttons: tuple[Node, ...]


def parse(html: str) -> Node:
    """The tree of a page."""
    parser = _Tree()
    parser.feed(html)
    parser.close()
    return parser.root


def forms(page: Node) -> tuple[Form, ...]:
    """The forms of a page, in order."""
    return tuple(_form(node, page) for node in page.all("form"))


def _form(node: Node, page: Node) -> Form:
    name = node.attrs.get("id")
    # A button may stand elsewhere and name its form.
    outside = [b for b in page.all("button") if name and b.attrs.get("form") == name]
    inputs = [each for each in node.all("input") if "name" in each.attrs]
    areas = [each for each in node.all("textarea") if "name" in each.attrs]
    texts = [i for i in inputs if i.attrs.get("type", "text") in ("text", "search")]
    hidden = [i for i in inputs if i.attrs.get("type") == "hidden"]
    given = {each.attrs["name"]: each.attrs.get("value", "") for each in (*hidden, *texts)}
    given |= {each.attrs["name"]: each.typed for each in areas}
    files = [each.attrs["name"] for each in inputs if each.attrs.get("type") == "file"]
    return Form(
        node.attrs.get("action", ""),
        node.attrs.get("method", "get").lower(),
        node.attrs.get("enctype", "application/x-www-form-urlencoded"),
        given,
        next((each.attrs["name"] for each in (*areas, *texts)), None),
        files[0] if files else None,
        (*node.all("button"), *outside),
    )


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("#page", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        tags = [node.tag for node in self._open]
        if tag in tags[1:]:
            del self._open[len(tags) - 1 - tags[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if self._open[-1].tag not in ("script", "style", "title"):
            self._open[-1].children.append(data)
