"""An officer's saved views of the queue: a name, which filters, and what they typed as a search.

Kept in the officer's folder, sealed under their own key: a search may be somebody's name. What this
release does not know of a view is left out when it is read.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from console.errors import Distrusted, Mistaken
from console.folder import Folder
from console.own_files import open_own, seal_own
from sealing import OfficerKeys

VIEWS = "views.sealed"
SCHEMA = 1
NAME_AT_MOST = 40
VIEWS_AT_MOST = 30
_PURPOSE = "views"
_DAMAGED = "views.damaged"


@dataclass(frozen=True, slots=True)
class SavedView:
    """*filters* are those of the queue's address."""

    name: str
    filters: Mapping[str, str]
    words: str = field(default="", repr=False)


class SavedViews:
    """The views in *folder*. Each change reads them anew: two windows may be at work."""

    def __init__(self, folder: Folder, keys: OfficerKeys) -> None:
        self._folder = folder
        self._seed = keys.sign.seed

    def __repr__(self) -> str:
        return "SavedViews(…)"

    def all(self) -> tuple[SavedView, ...]:
        """In the order they were saved. Raises Distrusted for a file that is not the officer's."""
        raw = self._folder.read(VIEWS)
        if raw is None:
            return ()
        body = open_own(self._seed, _PURPOSE, raw, _DAMAGED)
        try:
            table = json.loads(body)
            if table["schema"] != SCHEMA:
                raise Distrusted(_DAMAGED)
            return tuple(
                SavedView(str(one["name"]), dict(one["filters"]), str(one["words"]))
                for one in table["views"]
            )
        except (ValueError, KeyError, TypeError):
            raise Distrusted(_DAMAGED) from None

    def save(self, view: SavedView) -> None:
        """Add *view*, instead of one of the same name. Raises Mistaken."""
        name = " ".join(view.name.split())
        if not name or len(name) > NAME_AT_MOST or not name.isprintable():
            raise Mistaken("views.bad_name", n=NAME_AT_MOST)
        others = [one for one in self.all() if one.name != name]
        if len(others) >= VIEWS_AT_MOST:
            raise Mistaken("views.too_many", n=VIEWS_AT_MOST)
        self._write([*others, SavedView(name, view.filters, view.words)])

    def remove(self, name: str) -> None:
        self._write(one for one in self.all() if one.name != name)

    def _write(self, views: Iterable[SavedView]) -> None:
        told = [{"name": v.name, "filters": dict(v.filters), "words": v.words} for v in views]
        body = json.dumps({"schema": SCHEMA, "views": told}, ensure_ascii=False).encode()
        self._folder.write(VIEWS, seal_own(self._seed, _PURPOSE, body))
