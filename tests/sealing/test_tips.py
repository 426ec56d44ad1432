"""Two identities, and never one for both."""

import pytest

from sealing import Side, TipKeys, TipRecipients
from tests.sealing.sealed_samples import KEYS


def test_fresh_keys_are_four_different_ones() -> None:
    one, two = TipKeys.generate(), TipKeys.generate()
    assert len({one.case, one.reply, two.case, two.reply}) == 4


def test_one_key_for_both_sides_is_refused() -> None:
    with pytest.raises(ValueError, match="two keys"):
        TipKeys(KEYS.case, KEYS.case)
    with pytest.raises(ValueError, match="two keys"):
        TipRecipients(KEYS.reply.recipient, KEYS.reply.recipient)


def test_each_side_has_its_own_recipient() -> None:
    assert KEYS.recipients.of(Side.CASE) == KEYS.case.recipient
    assert KEYS.recipients.of(Side.REPLY) == KEYS.reply.recipient
