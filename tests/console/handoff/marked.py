"""A tip full of marks of the person who told it, and what of it must never leave."""

from dataclasses import dataclass, field

from sealing import Author, Kind, Media, MemberCode, Receipt
from tests.cleaning.samples import jpeg, ogg
from tests.console.fake_world import FORM, Answer, Person, Tip, World

ALIAS = "mkm7"
PHONE = "๐๘๑-๒๓๔-๕๖๗๘"
NAME = "บ้านนางสมหญิง รักไทย.jpg"
VOICE = "เสียงสมหญิง.ogg"
OFFICERS_PHRASE = "ร้านป้าจุก"
CENTRE = "ศูนย์บ้านไผ่ลับ"
MARKED_FORM: Answer = {
    **FORM,
    "answers": {
        **FORM["answers"],
        "notify": {"value": "0899999999"},
        "protection": {"value": "wanted"},
        "reach": {"value": "somying@example.com"},
    },
}


@dataclass(frozen=True)
class Marked:
    """The tip, and by name everything that must be in nothing that leaves."""

    tip: Tip
    photo: int
    voice: int
    reply: int
    never: dict[str, tuple[str, ...]] = field(default_factory=dict)


def marked_tip(world: World, *readers: Person) -> Marked:
    """Names in file names, EXIF, the own phone number, alias, code, receipt, duress mark."""
    receipt, code = Receipt.generate(), MemberCode.generate(ALIAS)
    tip = world.file_tip(
        *readers,
        form=MARKED_FORM,
        is_verified=True,
        alias=ALIAS,
        is_duress=True,
        is_afraid=True,
        is_reported_elsewhere=True,
        member_centre="baan-phai-secret",
        member_since=2561,
    )
    story = (
        f"ดิฉันรหัส MKM7 โทร {PHONE} เห็นนายก อบต. รับเงินที่{OFFICERS_PHRASE} ส่งรูป {NAME}\n"
        f"รหัสของดิฉัน {code.grouped} เลขใบรับ {receipt.grouped} อีเมล somying.r@example.com"
    )
    tip.append(tip.told(words=story, question="what"))
    tip.append(tip.told(words="คนขับรถของนายก อบต.", question="who"))
    photo, voice = jpeg().data, ogg().data
    files = (
        world.add_file(tip, photo, name=NAME, mime="image/jpeg"),
        world.add_file(tip, voice, name=VOICE, media=Media.VOICE, mime="audio/ogg"),
    )
    seqs = [part["seq"] for part in tip.answer["parts"] if part["blob_id"]]
    tip.append(tip.told(words="แฟนดิฉันชื่อสมปองอยู่กองคลัง", question="reply"))
    reply = tip.head[0]
    note = world.officer_part(tip, readers[0], "ผู้แจ้งคือคนที่โทรมาเมื่อวาน", Kind.NOTE)
    world.officer_part(tip, readers[0], "เห็นรถทะเบียนอะไร")
    own_ids = [tip.tip_id, tip.tip_id[:8], note.part_id]
    own_ids += [part["part_id"] for part in tip.answer["parts"]]
    own_ids += [facts.blob_id for facts in files]
    never = {
        "alias": (ALIAS, ALIAS.upper()),
        "code": (code.grouped, code.letters, code.letters.lower()),
        "receipt": (receipt.grouped, receipt.digits),
        "phone": (PHONE, "๕๖๗๘", "0812345678", "081-234-5678", "0899999999"),
        "address": ("somying",),
        "own words": (OFFICERS_PHRASE, "สมปอง", "กองคลัง"),
        "file name": (NAME, VOICE, "สมหญิง", "รักไทย"),
        "details": ("CanaryPhone", "16.4419N-Canary", "Somying Canary", "2026:05:17"),
        "marks": ("duress", "ถูกบังคับ", "กลัว", "afraid", "verified", "ยืนยัน", "baan-phai", "2561"),
        "elsewhere": ("เคยแจ้ง", "elsewhere", "wanted", "protection", "notify"),
        "note": ("โทรมาเมื่อวาน",),
        "channel": ("LINE", "Telegram", "line", "telegram"),
        "day": ("20 พฤศจิกายน", "2026-11-20", "20 November"),
        "ids": tuple(own_ids),
        "hashes": tuple(facts.sha256 for facts in files),
    }
    assert all(part["author"] in (Author.REPORTER, Author.OFFICER) for part in tip.answer["parts"])
    return Marked(tip, seqs[0], seqs[1], reply, never)
