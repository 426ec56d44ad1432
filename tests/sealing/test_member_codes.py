"""The code that stands in for a member's name."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealing import MemberCode, Mistyped, Receipt, generate_alias, stretch_member_code
from sealing.digits import AT_MOST_TYPED, CROCKFORD, luhn32
from sealing.member_codes import PURPOSE
from sealing.receipts import PURPOSE as RECEIPT_PURPOSE
from sealing.receipts import stretch_receipt
from sealing.stretch import stretch
from tests.sealing.sealed_samples import CHEAP, PEPPER, SALT, Dice

codes = st.text(CROCKFORD, min_size=16, max_size=16).map(
    lambda body: MemberCode(body + luhn32(body))
)


@given(codes)
def test_a_code_is_read_back_as_it_is_printed(code: MemberCode) -> None:
    assert MemberCode.parse(code.grouped) == code
    assert code.grouped.startswith(code.alias)


@given(codes)
def test_letters_that_look_like_digits_and_thai_digits_are_read_as_digits(code: MemberCode) -> None:
    for typed in (
        code.grouped.replace("0", "o").replace("1", "l"),
        code.letters.replace("0", "O").replace("1", "I"),
        code.letters.replace("1", "i"),
        code.grouped.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")).replace("-", " "),
    ):
        assert MemberCode.parse(typed) == code


ALIKE = {"0": "0OoＯ๐٠", "1": "1IiLlＩ๑１"}
"""What people write for these, on paper and on keyboards."""
BETWEEN = (
    "",
    " ",
    "-",
    "–",
    "—",
    "‐",
    "−",
    "－",
    "·",
    ".",
    "_",
    " - ",
    "\u00a0",
    "\u200b",
    "\n",
    "/",
)
AROUND = ("", "รหัส ", "รหัส", "รหัสเครือข่ายคือ ", "my code is ", "CODE: ", "(", "“", "👉 ", "ครับ ")


@st.composite
def written(draw: st.DrawFn, code: MemberCode) -> str:
    """*code* as somebody may write it: every letter in some form, anything between the groups."""

    def letter(one: str) -> str:
        full_width = chr(ord(one) + 0xFEE0)
        thai = chr(0x0E50 + int(one)) if one.isdecimal() else one
        return draw(st.sampled_from([*ALIKE.get(one, one), one.lower(), full_width, thai]))

    groups = code.grouped.upper().split("-")
    apart = draw(st.sampled_from(BETWEEN))
    before, after = draw(st.sampled_from(AROUND)), draw(st.sampled_from(AROUND))
    if apart == "" and (before[-1:].isascii() or after[:1].isascii()):
        before = after = ""  # a code that runs into a Latin word is nobody's to take apart
    return before + apart.join("".join(map(letter, group)) for group in groups) + " " + after


@given(st.data(), codes)
def test_every_way_of_writing_a_code_reads_the_same(data: st.DataObject, code: MemberCode) -> None:
    typed = data.draw(written(code))
    assert len(typed) <= AT_MOST_TYPED
    assert MemberCode.parse(typed) == code


@given(codes, st.data())
def test_every_swap_of_neighbours_is_mistyped_but_of_0_and_z(
    code: MemberCode, data: st.DataObject
) -> None:
    """The one swap that Luhn mod 32 cannot catch: the first and the last letter of its 32."""
    place = data.draw(st.integers(0, 15))
    one, other = code.letters[place : place + 2]
    swapped = code.letters[:place] + other + one + code.letters[place + 2 :]
    if one == other or {one, other} == {"0", "Z"}:
        assert MemberCode.parse(swapped).letters == swapped
    else:
        with pytest.raises(Mistyped):
            MemberCode.parse(swapped)


@given(codes, st.data())
def test_a_letter_too_many_or_too_few_is_mistyped(code: MemberCode, data: st.DataObject) -> None:
    """Also where the groups alone would give a code of the right length."""
    printed, place = code.grouped.upper(), data.draw(st.integers(0, 20))
    more = data.draw(st.sampled_from(CROCKFORD))
    for typed in (printed[:place] + more + printed[place:], more + "-" + printed):
        with pytest.raises(Mistyped):
            MemberCode.parse(typed)
    if printed[place : place + 1].isalnum():
        with pytest.raises(Mistyped):
            MemberCode.parse(printed[:place] + printed[place + 1 :])


def test_two_codes_in_one_message_are_neither() -> None:
    one, other = MemberCode.generate("mkm7", Dice(1)), MemberCode.generate("mkm7", Dice(2))
    with pytest.raises(Mistyped):
        MemberCode.parse(f"{one.grouped} {other.grouped}")


@given(st.text(max_size=AT_MOST_TYPED))
def test_whatever_is_typed_is_a_code_or_mistyped(typed: str) -> None:
    with suppress(Mistyped):
        assert len(MemberCode.parse(typed).letters) == 17


@given(codes, st.data())
def test_a_wrong_letter_is_mistyped(code: MemberCode, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 16))
    old = code.letters[place]
    wrong = data.draw(st.sampled_from(CROCKFORD).filter(lambda letter: letter != old))
    with pytest.raises(Mistyped):
        MemberCode.parse(code.letters[:place] + wrong + code.letters[place + 1 :])


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "mkm7",
        "mkm7-k3m9-qxd4-ftb2",
        "mkm7-k3m9-qxd4-ftb2-ax",
        "u" * 17,
        "ก" * 17,
        "\ud800",
        "*" * 17,
    ],
)
def test_anything_else_is_mistyped(typed: str) -> None:
    with pytest.raises(Mistyped):
        MemberCode.parse(typed)


@given(st.integers(0, 2**32))
def test_a_duress_code_looks_like_any_other_code_of_its_alias(seed: int) -> None:
    dice = Dice(seed)
    alias = generate_alias(dice)
    code, duress = MemberCode.generate(alias, dice), MemberCode.generate(alias.upper(), dice)
    assert code.alias == duress.alias == alias
    assert len(code.grouped) == len(duress.grouped)
    assert stretch_member_code(code, salt=SALT, pepper=PEPPER, cost=CHEAP) != stretch_member_code(
        duress, salt=SALT, pepper=PEPPER, cost=CHEAP
    )


@pytest.mark.parametrize("alias", ["", "mkm", "mkm77", "mku7", "มกรา"])
def test_no_code_is_made_for_an_odd_alias(alias: str) -> None:
    with pytest.raises(Mistyped):
        MemberCode.generate(alias)


def test_the_same_characters_as_receipt_and_as_code_lead_to_unrelated_keys() -> None:
    one, other = (
        stretch(b"0" * 17, purpose, salt=SALT, cost=CHEAP) for purpose in (PURPOSE, RECEIPT_PURPOSE)
    )
    assert one != other
    receipt = stretch_receipt(Receipt.generate(Dice(3)), salt=SALT, pepper=PEPPER, cost=CHEAP)
    code = stretch_member_code(
        MemberCode.generate("mkm7", Dice(3)), salt=SALT, pepper=PEPPER, cost=CHEAP
    )
    assert len({receipt.locator, receipt.identity.seed, code}) == 3
