"""Sealing: bytes to bytes, keys and codes.

This is the doorway; the formats are drawn in docs/protocol.md.

    age/        the age file format            tips        a tip's two identities
    parts       what a tip consists of         chain       what a list of parts betrays
    originals   what was sent before something was taken out
    grants      who may open a tip             signing     officers' signatures and what they sign
    receipts    the reporter's way back        member_codes  what stands in for a member's name
    roster      whose keys count               officers, key_files  keys and where they lie
    registry    which bots are really ours     drawer      records that can be forgotten
    cards       knowledge cards, and campaigns with them
    padding     how long things look

Laws: no I/O, no clock, nothing of ours imported. Secrets have types whose repr hides them. What
came from outside is parsed into a type that cannot be wrong, or refused with a SealingError; a
caller's mistake is a ValueError.
"""

from sealing import age
from sealing.canonical import JSON
from sealing.cards import (
    Audience,
    BadCard,
    CardState,
    CardText,
    KnowledgeCard,
    campaign_statement,
    card_statement,
    check_registrar,
    read_audiences,
    read_content,
)
from sealing.chain import Break, ChainLink, Finding, check_chain, remember
from sealing.drawer import open_record, record_context, seal_record
from sealing.errors import (
    Forged,
    Malformed,
    Misplaced,
    Mistyped,
    NewerFormat,
    RolledBack,
    SealingError,
    Tampered,
    Unsigned,
    WrongKey,
)
from sealing.fingerprints import fingerprint
from sealing.grants import (
    RECEIPT,
    RECOVERY,
    SERVER,
    Grant,
    Summary,
    TipKind,
    open_grant,
    open_receipt_grant,
    seal_grant,
)
from sealing.key_files import (
    AdminKey,
    RecoveryKey,
    generate_passphrase,
    open_admin_key,
    open_keys,
    open_recovery,
    seal_admin_key,
    seal_keys,
    seal_recovery,
)
from sealing.member_codes import (
    MemberCode,
    generate_alias,
    half_locator,
    member_locator,
    stretch_member_code,
)
from sealing.officers import Card, OfficerKeys, officer_id, parse_card, render_card
from sealing.originals import (
    Original,
    OriginalFile,
    OriginalKey,
    SealedWords,
    open_words,
    seal_words,
)
from sealing.padding import bucket, pad_json, padme
from sealing.parts import (
    NOTHING_BEFORE,
    Author,
    Details,
    FileFacts,
    Kind,
    Media,
    Part,
    Place,
    SealedPart,
    hash_sealed,
    open_part,
    seal_part,
    side_of,
)
from sealing.receipts import Receipt, ReceiptKeys, stretch_receipt
from sealing.registry import (
    BotChannel,
    RealBot,
    Registry,
    open_registry,
    parse_registry,
    render_registry,
    sign_registry,
)
from sealing.roles import Mix, Role, mixes_of
from sealing.roster import (
    Officer,
    Roster,
    days_left,
    mixed,
    open_roster,
    parse_roster,
    reader_role,
    render,
    sign_roster,
)
from sealing.signing import (
    SigningKey,
    Statement,
    VerifyKey,
    assign_statement,
    book_statement,
    claim_statement,
    extend_statement,
    grant_statement,
    members_statement,
    move_statement,
    part_statement,
    release_statement,
    sign_in_statement,
    statement,
    status_statement,
)
from sealing.stretch import Cost
from sealing.tips import Side, TipKeys, TipRecipients

__all__ = [
    "JSON",
    "NOTHING_BEFORE",
    "RECEIPT",
    "RECOVERY",
    "SERVER",
    "AdminKey",
    "Audience",
    "Author",
    "BadCard",
    "BotChannel",
    "Break",
    "Card",
    "CardState",
    "CardText",
    "ChainLink",
    "Cost",
    "Details",
    "FileFacts",
    "Finding",
    "Forged",
    "Grant",
    "Kind",
    "KnowledgeCard",
    "Malformed",
    "Media",
    "MemberCode",
    "Misplaced",
    "Mistyped",
    "Mix",
    "NewerFormat",
    "Officer",
    "OfficerKeys",
    "Original",
    "OriginalFile",
    "OriginalKey",
    "Part",
    "Place",
    "RealBot",
    "Receipt",
    "ReceiptKeys",
    "RecoveryKey",
    "Registry",
    "Role",
    "RolledBack",
    "Roster",
    "SealedPart",
    "SealedWords",
    "SealingError",
    "Side",
    "SigningKey",
    "Statement",
    "Summary",
    "Tampered",
    "TipKeys",
    "TipKind",
    "TipRecipients",
    "Unsigned",
    "VerifyKey",
    "WrongKey",
    "age",
    "assign_statement",
    "book_statement",
    "bucket",
    "campaign_statement",
    "card_statement",
    "check_chain",
    "check_registrar",
    "claim_statement",
    "days_left",
    "extend_statement",
    "fingerprint",
    "generate_alias",
    "generate_passphrase",
    "grant_statement",
    "half_locator",
    "hash_sealed",
    "member_locator",
    "members_statement",
    "mixed",
    "mixes_of",
    "move_statement",
    "officer_id",
    "open_admin_key",
    "open_grant",
    "open_keys",
    "open_part",
    "open_receipt_grant",
    "open_record",
    "open_recovery",
    "open_registry",
    "open_roster",
    "open_words",
    "pad_json",
    "padme",
    "parse_card",
    "parse_registry",
    "parse_roster",
    "part_statement",
    "read_audiences",
    "read_content",
    "reader_role",
    "record_context",
    "release_statement",
    "remember",
    "render",
    "render_card",
    "render_registry",
    "seal_admin_key",
    "seal_grant",
    "seal_keys",
    "seal_part",
    "seal_record",
    "seal_recovery",
    "seal_words",
    "side_of",
    "sign_in_statement",
    "sign_registry",
    "sign_roster",
    "statement",
    "status_statement",
    "stretch_member_code",
    "stretch_receipt",
]
