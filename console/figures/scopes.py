"""Which figures are open to an officer, by role."""

from console.answers import READERS, Me
from console.figures.facts import Scope
from sealing import Role

COUNTERS = frozenset({Role.LEAD, Role.AUDITOR, Role.ADMIN, Role.FIGURES})
"""Who may see the network's figures."""


def scopes_of(me: Me) -> tuple[Scope, ...]:
    """Those of their own queue, those of the network, or both."""
    own = () if READERS.isdisjoint(me.roles) else (Scope.OWN,)
    return (*own, *(() if COUNTERS.isdisjoint(me.roles) else (Scope.NETWORK,)))
