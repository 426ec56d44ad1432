"""Who is entitled to a tip: each condition alone shuts somebody out, whatever the query found."""

from dataclasses import replace

import pytest

from bot.entitled import entitled
from sealing import Role
from storage.repositories.grants import GrantRow
from tests.bot.rosters import roster

(OFFICER,) = roster(centres=("khon-kaen",)).officers
GRANT = GrantRow("a" * 32, "b" * 32, OFFICER.id, "khon-kaen", True, "2026-11-01", b"sealed")


def test_a_released_grant_of_ones_own_centre_and_role_is_good() -> None:
    assert entitled(OFFICER, GRANT)


@pytest.mark.parametrize(
    "grant",
    [
        replace(GRANT, officer="c" * 32),
        replace(GRANT, released=False),
        replace(GRANT, role=Role.REGISTRAR.value),
        replace(GRANT, centre="region-4"),
    ],
    ids=["somebody else's", "withheld", "for another role", "of another centre"],
)
def test_any_other_is_not(grant: GrantRow) -> None:
    assert not entitled(OFFICER, grant)


def test_one_that_a_colleague_gave_outlives_the_centre_and_nothing_else() -> None:
    given = replace(GRANT, is_personal=True, centre="region-4")
    assert entitled(OFFICER, given)
    assert not entitled(OFFICER, replace(given, released=False))
    assert not entitled(OFFICER, replace(given, role=Role.REGISTRAR.value))
