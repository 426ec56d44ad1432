"""How long things may look once they are sealed.

Text grows to the next bucket (1 KiB, 4 KiB, 16 KiB … ×4), files to the next Padmé length. Two
things of different length in one bucket are then equal to the byte, and nothing outside a seal says
more than the bucket.
"""

SMALLEST_BUCKET = 1024
BUCKET_STEP = 4


def bucket(length: int) -> int:
    """The bucket for *length* bytes: the smallest of 1 KiB, 4 KiB, 16 KiB … that holds them."""
    if length < 0:
        raise ValueError("a length is not negative")
    size = SMALLEST_BUCKET
    while size < length:
        size *= BUCKET_STEP
    return size


def pad_json(data: bytes) -> bytes:
    """*data* (UTF-8 JSON) with spaces behind it up to its bucket: the same JSON to any reader."""
    return data.ljust(bucket(len(data)), b" ")


def padme(length: int) -> int:
    """The Padmé length for *length* bytes: at most 12 % more, leaks O(log log length) bits.

    From "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs" (PoPETs
    2019), algorithm 1.
    """
    if length < 0:
        raise ValueError("a length is not negative")
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << low_bits) - 1
    return (length + mask) & ~mask
