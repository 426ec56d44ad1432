"""How much each bench does: enough for a figure, or just enough to see that it runs."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sizes:
    """Numbers of things; *rounds* are taken in turn with the floor."""

    rounds: int
    people: int
    messages: int
    reports: int
    file_bytes: int
    uploads: int
    few_tips: int
    many_tips: int
    queued_tips: int
    page_reads: int
    open_conversations: int
    seals: int
    stream_bytes: int
    telegram_file_bytes: int
    line_file_bytes: int
    flood: int
    calm_s: float
    verifications: int
    verification_rounds: int
    few_members: int
    many_members: int
    telegram_cards: int
    line_cards: int
    evidence_bytes: int
    backups: int
    backup_blob_bytes: int
    backup_tips: int


FULL = Sizes(
    rounds=21,
    people=64,
    messages=1,
    reports=9,
    file_bytes=50_000_000,
    uploads=5,
    few_tips=1_000,
    many_tips=100_000,
    queued_tips=10_000,
    page_reads=60,
    open_conversations=10_000,
    seals=40,
    stream_bytes=16 * MIB,
    telegram_file_bytes=20_000_000,
    line_file_bytes=200_000_000,
    flood=1000,
    calm_s=4.0,
    verifications=48,
    verification_rounds=9,
    few_members=100,
    many_members=100_000,
    telegram_cards=2_500,
    line_cards=7_500,
    evidence_bytes=200_000_000,
    backups=3,
    backup_blob_bytes=1_000_000_000,
    backup_tips=3_000,
)
QUICK = Sizes(
    rounds=2,
    people=4,
    messages=1,
    reports=1,
    file_bytes=300_000,
    uploads=1,
    few_tips=20,
    many_tips=60,
    queued_tips=30,
    page_reads=3,
    open_conversations=8,
    seals=2,
    stream_bytes=MIB,
    telegram_file_bytes=200_000,
    line_file_bytes=300_000,
    flood=20,
    calm_s=0.2,
    verifications=3,
    verification_rounds=2,
    few_members=10,
    many_members=40,
    telegram_cards=8,
    line_cards=16,
    evidence_bytes=2_000_000,
    backups=1,
    backup_blob_bytes=2_000_000,
    backup_tips=120,
)
