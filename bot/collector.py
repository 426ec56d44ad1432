"""The garbage collector's place beside people who wait.

Owns when it walks and what. A walk over everything holds up the event loop for as long as it takes;
so what the program keeps for good is taken out of its way once, and it comes less often than
Python's default, which counts on programs that make little at a time.
"""

import gc

YOUNG_AT_MOST = 20_000
"""New objects before the youngest are walked. Sixty-four turns that wait for one commit hold some
10,000: a walk in their midst would find them all alive. A walk takes a few milliseconds at most."""


def keep_for_good() -> None:
    """Call once everything that stays is there: the collector never walks it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_AT_MOST, *gc.get_threshold()[1:])
