"""What a second officer may have to approve: the operator says which of it (`[desk]
second_officer`).
"""

from enum import StrEnum

from sealing.openings import Opens


class Seconded(StrEnum):
    """The deeds that can be asked to wait for a second officer."""

    EXPORT = Opens.EXPORT
    ORIGINAL = Opens.ORIGINAL
    HANDOVER = "handover"  # of a tip to another body, in whichever form
