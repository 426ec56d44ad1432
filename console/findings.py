"""What a check can find, and whose signatures count. Pure values.

Every finding is a key of `words/*.toml` (`finding.…`) with its parameters. A finding that is only
good to know is told from one that means somebody tampered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sealing import BodyKey, Forged, Statement, VerifyKey

_NEVER_ACTED_ON = {"recipient_changed"}
_GOOD_TO_KNOW = {
    *("part_unsent", "part_former", "change_former", "part_newer", "grant_readmitted"),
    # By today's tree, clocks and roster, none of which must have been the same then.
    *("climb_astray", "climb_early", "reader_early"),
    "expiry_sooner",  # a deployment may keep tips for less long than it did
}
_NEEDS_ROSTER = {
    *("part_foreign", "change_foreign"),
    *("grant_foreign", "grant_unsigned", "grant_unknown_maker"),
    *("opening_forged", "approval_forged"),
    *("handover_forged", "handover_approval_forged"),
    *("grant_withdrawn", "grant_readmitted", "grant_old_keys", "recovery_left_out"),
}

NameOf = Callable[[str], str]
"""How memory writes a grant's id or a hash of recipients: `Memory.name`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not verify. *seq* points to the part it is about, if it is about one."""

    name: str
    params: Mapping[str, object] = field(default_factory=dict)
    seq: int | None = None

    @property
    def is_alarm(self) -> bool:
        return self.name not in _GOOD_TO_KNOW

    @property
    def is_final(self) -> bool:
        """Whether nothing may be done to the tip, not even despite warnings: what is written would
        be sealed to somebody else's keys.
        """
        return self.name in _NEVER_ACTED_ON

    @property
    def is_history(self) -> bool:
        return self.name.startswith(("change_", "count_", "history_"))

    @property
    def needs_roster(self) -> bool:
        """Whether only a roster can tell: without one it is not a finding but an open question."""
        return self.name in _NEEDS_ROSTER

    @property
    def key(self) -> str:
        return f"finding.{self.name}"


@dataclass(frozen=True, slots=True)
class Signers:
    """Officers' keys: of the roster in force, and of rosters verified here before it; what the one
    in force says that they may do, and the *bodies* that it names."""

    current: Mapping[str, VerifyKey]
    former: Mapping[str, VerifyKey]
    names: Mapping[str, str]
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    bodies: Mapping[str, BodyKey] = field(default_factory=dict)

    @property
    def is_any(self) -> bool:
        """Whether there is a roster to judge by."""
        return bool(self.current)

    def name(self, officer: str | None) -> str:
        return self.names.get(officer or "", (officer or "–")[:8])

    def judge(self, officer: str | None, statement: Statement, signature: bytes | None) -> str:
        """ "signed", "former", "unsigned", "forged", or "foreign" (by nobody that a roster ever
        named).
        """
        if signature is None or officer is None:
            return "unsigned"
        key = self.current.get(officer) or self.former.get(officer)
        if key is None:
            return "foreign"
        try:
            key.verify(statement, signature)
        except Forged:
            return "forged"
        return "signed" if officer in self.current else "former"
