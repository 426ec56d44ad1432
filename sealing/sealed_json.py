"""One JSON object, canonical, padded to its bucket, in one age file for one recipient.

The form of every part and grant: stock `age -d` and `jq` read it, and its length says no more than
the bucket.
"""

from collections.abc import Mapping

from sealing import age, canonical
from sealing.canonical import JSON
from sealing.errors import Malformed

AT_MOST_SEALED_BYTES = canonical.AT_MOST_BYTES + age.MAX_HEADER + 64 * 1024


def seal(value: Mapping[str, JSON], recipient: age.Recipient) -> bytes:
    """*value* sealed to *recipient*.

    Raises ValueError for what has no canonical form or is too long.
    """
    return age.encrypt(canonical.write_padded(value), recipient)


def unseal(data: bytes, identity: age.Identity) -> dict[str, JSON]:
    """The object in *data*.

    Raises WrongKey, Tampered or Malformed; nothing unauthentic is ever read.
    """
    if len(data) > AT_MOST_SEALED_BYTES:
        raise Malformed("longer than anything this format writes")
    return canonical.read_padded(age.decrypt(data, identity))
