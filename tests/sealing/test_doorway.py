"""What the doorway promises of the whole package."""

import sealing
from sealing import (
    MemberCode,
    OfficerKeys,
    Receipt,
    SealingError,
    SigningKey,
    TipKeys,
    generate_passphrase,
)
from sealing.key_files import AdminKey, RecoveryKey


def test_every_name_of_the_doorway_is_there() -> None:
    assert all(hasattr(sealing, name) for name in sealing.__all__)


def test_no_repr_or_str_shows_a_secret() -> None:
    receipt = Receipt.generate()
    code = MemberCode.generate("mkm7")
    keys = OfficerKeys.generate("officer")
    admin, recovery, tip = AdminKey.generate("a"), RecoveryKey.generate("r"), TipKeys.generate()
    shown = "".join(
        f"{thing!r}{thing}" for thing in (receipt, code, keys, keys.sign, admin, recovery, tip)
    )
    secrets = (
        receipt.digits,
        receipt.grouped,
        code.letters,
        code.grouped,
        keys.sign.seed.hex(),
        repr(keys.sign.seed),
        repr(keys.age.seed),
        keys.age.reveal(),
        admin.sign.seed.hex(),
        recovery.age.reveal(),
        tip.case.reveal(),
        repr(tip.reply.seed),
    )
    assert not [secret for secret in secrets if secret in shown]


def test_every_error_is_a_sealing_error_and_no_caller_mistake_is() -> None:
    errors = [
        thing for name in sealing.__all__ if isinstance(thing := getattr(sealing, name), type)
    ]
    ours = [error for error in errors if issubclass(error, Exception)]
    assert len(ours) == 11
    assert all(issubclass(error, SealingError) for error in ours)
    assert not issubclass(SealingError, ValueError)
    assert issubclass(sealing.age.AgeError, SealingError)


def test_fresh_secrets_are_never_the_same() -> None:
    assert len({Receipt.generate().digits for _ in range(50)}) == 50
    assert len({SigningKey.generate().seed for _ in range(50)}) == 50
    assert len({generate_passphrase() for _ in range(50)}) == 50
