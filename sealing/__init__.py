"""Sealing: bytes to bytes, keys and codes.

This is the doorway; the formats are drawn in docs/protocol.md.

    age/        the age file format            tips        a tip's two identities
    parts       what a tip consists of         chain       what a list of parts betrays
    originals   what was sent before something was taken out
    grants      who may open a tip             signing     officers' signatures and what they sign
    receipts    the reporter's way back        member_codes  what stands in for a member's name
    roster      whose keys count               officers, key_files  keys and where they lie
    server_keys the server key's file, and how a backup carries it
    registry    which bots are really ours     drawer      records that can be forgotten
    cards       knowledge cards, and campaigns with them
    audit       who did what, in an order that cannot be rewritten unseen
    openings    the reasons for opening what identifies
    counts      what is counted of a tip that ends
    manifests   what lies in a folder that was taken out of the desk
    handovers   what was handed to another body; bodies  their keys
    rekeying    new keys for later parts, when somebody is to read no further
    padding     how long things look

Laws: no I/O, no clock, nothing of ours imported. Secrets have types whose repr hides them. What
came from outside is parsed into a type that cannot be wrong, or refused with a SealingError; a
caller's mistake is a ValueError.
"""

from sealing import age
from sealing.audit import (
    RESTORE,
    DayFinding,
    DayFlaw,
    DayHead,
    Entry,
    Flaw,
    TrailFinding,
    check_heads,
    check_trail,
    day_statement,
    read_entry,
    restore_statement,
)
from sealing.bodies import BodyKey, parse_body_recipient
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
from sealing.counts import Counts, count_statement
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
from sealing.manifests import (
    ListedFile,
    Manifest,
    make_manifest,
    manifest_statement,
    read_manifest,
    write_manifest,
)
from sealing.member_codes import (
    MemberCode,
    generate_alias,
    half_locator,
    member_locator,
    stretch_member_code,
)
from sealing.officers import Card, OfficerKeys, officer_id, parse_card, render_card
from sealing.openings import Opens, approval_statement, opening_statement
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
from sealing.rekeying import (
    REKEYS_AT_MOST,
    Rekey,
    all_keys,
    hash_rekey,
    make_rekey,
    open_earlier,
    parse_rekey,
    write_rekey,
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
from sealing.server_keys import open_server_key, seal_server_key
from sealing.signing import (
    SigningKey,
    Statement,
    VerifyKey,
    assign_statement,
    book_statement,
    claim_statement,
    extend_statement,
    grant_statement,
    hold_statement,
    members_statement,
    move_statement,
    part_statement,
    quarter_statement,
    rekey_statement,
    release_statement,
    sign_in_statement,
    statement,
    status_statement,
    unhold_statement,
)
from sealing.stretch import Cost
from sealing.tips import Side, TipKeys, TipRecipients

__all__ = [
    "JSON",
    "NOTHING_BEFORE",
    "RECEIPT",
    "RECOVERY",
    "REKEYS_AT_MOST",
    "RESTORE",
    "SERVER",
    "AdminKey",
    "Audience",
    "Author",
    "BadCard",
    "BodyKey",
    "BotChannel",
    "Break",
    "Card",
    "CardState",
    "CardText",
    "ChainLink",
    "Cost",
    "Counts",
    "DayFinding",
    "DayFlaw",
    "DayHead",
    "Details",
    "Entry",
    "FileFacts",
    "Finding",
    "Flaw",
    "Forged",
    "Grant",
    "Kind",
    "KnowledgeCard",
    "ListedFile",
    "Malformed",
    "Manifest",
    "Media",
    "MemberCode",
    "Misplaced",
    "Mistyped",
    "Mix",
    "NewerFormat",
    "Officer",
    "OfficerKeys",
    "Opens",
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
    "Rekey",
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
    "TrailFinding",
    "Unsigned",
    "VerifyKey",
    "WrongKey",
    "age",
    "all_keys",
    "approval_statement",
    "assign_statement",
    "book_statement",
    "bucket",
    "campaign_statement",
    "card_statement",
    "check_chain",
    "check_heads",
    "check_registrar",
    "check_trail",
    "claim_statement",
    "count_statement",
    "day_statement",
    "days_left",
    "extend_statement",
    "fingerprint",
    "generate_alias",
    "generate_passphrase",
    "grant_statement",
    "half_locator",
    "hash_rekey",
    "hash_sealed",
    "hold_statement",
    "make_manifest",
    "make_rekey",
    "manifest_statement",
    "member_locator",
    "members_statement",
    "mixed",
    "mixes_of",
    "move_statement",
    "officer_id",
    "open_admin_key",
    "open_earlier",
    "open_grant",
    "open_keys",
    "open_part",
    "open_receipt_grant",
    "open_record",
    "open_recovery",
    "open_registry",
    "open_roster",
    "open_server_key",
    "open_words",
    "opening_statement",
    "pad_json",
    "padme",
    "parse_body_recipient",
    "parse_card",
    "parse_registry",
    "parse_rekey",
    "parse_roster",
    "part_statement",
    "quarter_statement",
    "read_audiences",
    "read_content",
    "read_entry",
    "read_manifest",
    "reader_role",
    "record_context",
    "rekey_statement",
    "release_statement",
    "remember",
    "render",
    "render_card",
    "render_registry",
    "restore_statement",
    "seal_admin_key",
    "seal_grant",
    "seal_keys",
    "seal_part",
    "seal_record",
    "seal_recovery",
    "seal_server_key",
    "seal_words",
    "side_of",
    "sign_in_statement",
    "sign_registry",
    "sign_roster",
    "statement",
    "status_statement",
    "stretch_member_code",
    "stretch_receipt",
    "unhold_statement",
    "write_manifest",
    "write_rekey",
]
