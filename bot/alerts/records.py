"""Records and lines of alerts, as they lie: sealed, each under a key of the forget store.

A record's key changes whenever something of it was told, and the old one is destroyed: no old copy
of the database then says what was counted before, and so not whether the one tip of some day was
urgent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bot.alerts.counting import Record, Told
from bot.logs import logger
from bot.state import Drawer
from sealing import SealingError
from storage.forget import ForgetStore, Kept
from storage.repositories.alerts import BindingRow, LineRow, RecordRow

HOOK = "centre:"
"""Before a centre's id: the recipient that its webhooks are told of."""


class Records:
    """Seals and opens them. Its `open_record` may be called in the database's thread."""

    def __init__(self, drawer: Drawer, forget: ForgetStore) -> None:
        self._drawer = drawer
        self._forget = forget

    def seal_record(self, recipient: str, kept: Kept, record: Record) -> RecordRow:
        sealed = self._drawer.seal_alert(kept.key, "record", recipient, record.to_json())
        return RecordRow(recipient, kept.key_id, sealed)

    def open_record(self, row: RecordRow) -> Record | None:
        """What *row* says; None when its key is gone, as after a backup was put back."""
        body = self._opened(row.key_id, "record", row.recipient, row.sealed)
        try:
            return None if body is None else Record.from_json(body)
        except ValueError as error:
            logger().error("alert_record_unreadable", error=type(error).__name__)
            return None

    def reseal(self, row: RecordRow, record: Record) -> RecordRow:
        """*record* in the place of what *row* says, under the same key, which must be there."""
        key = self._forget.get(row.key_id)
        if key is None:
            raise AssertionError("a record that was opened has its key")
        return self.seal_record(row.recipient, Kept(row.key_id, key), record)

    def seal_contact(self, binding_id: str, officer: str, channel: str, kept: Kept, address: str
    ) -> BindingRow:  # fmt: skip
        sealed = self._drawer.seal_alert(kept.key, "contact", binding_id, {"address": address})
        return BindingRow(binding_id, officer, channel, kept.key_id, sealed)

    def open_contact(self, row: BindingRow) -> str | None:
        """Where the officer is told; None when its key is gone."""
        body = self._opened(row.key_id, "contact", row.binding_id, row.contact)
        return None if body is None else str(body["address"])

    def seal_line(
        self, line_id: str, way: str, channel: str, kept: Kept, told: Sequence[Told], *,
        language: str, now_s: int,
    ) -> LineRow:  # fmt: skip
        """An alert to *way*. Nothing told is the alert of a test."""
        body = {"version": 1, "language": language, "told": [asdict(each) for each in told]}
        sealed = self._drawer.seal_alert(kept.key, "line", line_id, body)
        return LineRow(line_id, way, channel, 0, now_s, kept.key_id, sealed)

    def open_line(self, row: LineRow) -> tuple[tuple[Told, ...], str] | None:
        """What *row* tells, and in which language; None when its key is gone."""
        body = self._opened(row.key_id, "line", row.line_id, row.sealed)
        if body is None:
            return None
        return tuple(Told(**each) for each in body["told"]), str(body["language"])

    def _opened(self, key_id: str, what: str, id: str, sealed: bytes) -> Mapping[str, Any] | None:
        key = self._forget.get(key_id)
        if key is None:
            return None
        try:
            return self._drawer.open_alert(key, what, id, sealed)
        except (SealingError, ValueError) as error:
            logger().error("alert_unreadable", error=type(error).__name__)
            return None
