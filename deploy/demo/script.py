"""The main job, played by itself: one person on Telegram, one on LINE, one on the web chat, two
officers at their consoles.

Every step is checked where it can be seen: in the person's chat, in the officer's console, in the
folder a thief would carry away. What does not hold is a DemoFailed that says what was expected.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from deploy.demo.chatting import OnLine, OnTelegram
from deploy.demo.deployment import Deployment
from deploy.demo.errors import check
from deploy.demo.officer import Officer
from deploy.demo.person import Person
from deploy.demo.photo import photo
from deploy.demo.platforms import Platforms
from deploy.demo.registrar import (
    MEMBER_SINCE,
    MEMBERS_CENTRE,
    MEMBERS_NAME,
    Registrar,
    with_codes,
)
from deploy.demo.transcript import Transcript
from sealing import Receipt

Tip = Mapping[str, Any]

STORY = "เห็นเขาเอาปูนของ อบต. ไปทำถนนหน้าบ้านตัวเอง"
MORE = "ขนตอนเย็นหลังเลิกงาน ใช้รถบรรทุกสีฟ้า"
QUESTION = "จำทะเบียนรถบรรทุกปูนได้ไหม หรือมีชื่อบริษัทข้างรถไหม"
ANSWER = "ข้างรถเขียนว่า ปูนดีขนส่ง ทะเบียนลงท้าย 4471"
SENTENCE = "ได้ข้อมูลรถแล้ว กำลังตรวจสอบกับบัญชีพัสดุของ อบต."
MEMBERS_STORY = "โครงการขุดลอกหนองน้ำ เบิกเงินครบแต่ไม่มีการขุด"
FORCED_WORDS = "เดือนหน้าจะประมูลถนนสายใหม่ เห็นชื่อผู้ชนะแล้ว"
DISCARDED = "เรื่องนี้เปลี่ยนใจแล้ว ไม่อยากเล่า"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where it plays: the running programs, and the paper that everything is written on."""

    deployment: Deployment
    paper: Transcript
    platforms: Platforms

    def on_web(self, name: str) -> Person:
        """Somebody with a browser that has never been here."""
        return Person(f"{name} · เว็บ", self.deployment.web_url, self.paper.say)

    def on_telegram(self, name: str) -> OnTelegram:
        """Somebody with a Telegram account that has never been here."""
        return OnTelegram(f"{name} · Telegram", self.platforms, self.paper.say)

    def on_line(self, name: str) -> OnLine:
        """Somebody with a LINE account that has never been here."""
        return OnLine(f"{name} · LINE", self.platforms, self.paper.say)

    @property
    def provincial(self) -> Officer:
        return Officer(self.deployment.provincial, self.paper.say)

    @property
    def officers(self) -> tuple[Officer, Officer]:
        """The province's and the region's."""
        return self.provincial, Officer(self.deployment.regional, self.paper.say)

    def queues(self) -> tuple[Sequence[Tip], Sequence[Tip]]:
        """What both officers' queues show, in their order."""
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(Officer.queue, self.officers)
        return first, second


def with_member(deployment: Deployment, paper: Transcript) -> Deployment:
    """*deployment* with a member whom the registrar has added."""
    paper.title("นายทะเบียนออกรหัสให้แกนนำ · the registrar makes a leader's code")
    made = with_codes(deployment, paper.say)
    paper.checked(
        "รหัสขึ้นบนหน้าจอนายทะเบียนครั้งเดียว เครื่องแม่ข่ายไม่เคยเห็น"
        " · each code was on the registrar's screen once; the server never saw it"
    )
    return made


def play(stage: Stage) -> None:
    """All three. Raises DemoFailed at the first step that does not hold."""
    receipt, tip_id = _citizen_reports(stage)
    _officer_asks(stage, tip_id)
    _citizen_answers(stage, receipt)
    _officer_reads_the_answer(stage, tip_id)
    _citizen_reads_the_status(stage, receipt)
    members = _member_reports(stage, tip_id)
    _forced_member_reports(stage, {tip_id, members})
    _revoked_code(stage)
    _somebody_changes_their_mind(stage)


def check_nothing_is_readable(stage: Stage) -> None:
    """Search the server's data folder and log, as a thief of the disk would, for what was told and
    for who told it."""
    told = (STORY, MORE, QUESTION, ANSWER, SENTENCE, MEMBERS_STORY, FORCED_WORDS, DISCARDED)
    needles = {text: text.encode() for text in told}
    needles["the member code"] = stage.deployment.member_code.encode()
    needles["the duress code"] = stage.deployment.duress_code.encode()
    needles["the member's name"] = MEMBERS_NAME.encode()
    needles["the photo"] = photo().data[64:128]
    _search(stage, needles)
    stage.paper.checked(
        "ในโฟลเดอร์ข้อมูลและบันทึกของเครื่องแม่ข่าย ไม่มีคำที่เล่าแม้แต่คำเดียว"
        " · not one told word in the server's data folder, nor in its log"
    )
    accounts = stage.platforms.secrets
    _search(
        stage, {f"an account, an id or a token ({each[:4]}…)": each.encode() for each in accounts}
    )
    stage.paper.checked(
        f"บัญชี เลขข้อความ และรหัสของ LINE กับ Telegram {len(accounts)} รายการ ไม่มีในนั้นเลย"
        " · no account id, message id or token of LINE and Telegram either"
    )


def _search(stage: Stage, needles: Mapping[str, bytes]) -> None:
    files = [path for path in stage.deployment.data.rglob("*") if path.is_file()]
    check(bool(files), "The data folder is empty: there was nothing to search.")
    for path in (*files, stage.deployment.logs / "serve.log"):
        body = path.read_bytes()
        for name, needle in needles.items():
            check(needle not in body, f"“{name}” lies readable in {path.name}.")


def _citizen_reports(stage: Stage) -> tuple[str, str]:
    stage.paper.title(
        "ประชาชนแจ้งเบาะแสพร้อมรูปทาง Telegram · a citizen reports on Telegram, with a photo"
    )
    with stage.on_telegram("ประชาชน") as citizen:
        citizen.open()
        citizen.check_sees("ไม่ต้องบอกชื่อ", "เข้ารหัสก่อนเก็บทันที", "Telegram รู้ว่าคุณคุยกับเรา")
        citizen.tap("แจ้งเบาะแส")
        citizen.tap("ยักยอก")
        citizen.say("สารคาม")
        citizen.check_sees("มหาสารคาม ใช่ไหม")
        citizen.tap("ใช่")
        citizen.say("อบต. แห่งหนึ่ง")
        citizen.check_sees("หมายถึง")
        citizen.tap("ใช่")
        citizen.say("นายช่าง")
        citizen.tap("เสร็จแล้ว")
        citizen.say(STORY)
        citizen.say(MORE)
        citizen.tap("เล่าจบแล้ว")
        citizen.tap("เกิดซ้ำ ยังไม่หยุด")
        citizen.say("หน้าวัด หมู่ 5")
        citizen.tap("เสร็จแล้ว")
        citizen.send(photo())
        citizen.check_sees("รูป 1 รูป")
        citizen.tap("ส่งครบแล้ว")
        citizen.tap("ข้าม")
        citizen.check_sees("ตรวจก่อนส่ง", "มหาสารคาม")
        check(not citizen.sees(STORY), "The review repeats what was told.", citizen.bubbles)
        citizen.tap("ส่ง")
        receipt = citizen.receipt
        citizen.check_sees("จดรหัสแล้ว")
        citizen.say("ขอดูรหัสอีกที")
        check(citizen.receipt == receipt, "The chat shows another receipt, or none.")
        stage.paper.checked("รหัสติดตามยังอยู่จนกดจดแล้ว · the receipt stays until it is noted")
        citizen.tap("จดแล้ว ลบแชตเลย")
        citizen.check_sees("ลบข้อความในห้องนี้ทั้งสองฝ่ายแล้ว")
        left = citizen.everything
        gone = (receipt, STORY, MORE, "นายช่าง", "หน้าวัด หมู่ 5", "มหาสารคาม")
        check(not any(words in left for words in gone), "The chat still holds what was told.")
        stage.paper.checked("ในห้องแชตไม่เหลืออะไรที่เล่า · nothing that was told is left in the chat")
    return receipt, _the_one_tip(stage)


def _the_one_tip(stage: Stage) -> str:
    stage.paper.title("เจ้าหน้าที่จังหวัดเปิดคิว · the province's officer opens the queue")
    tips, others = stage.queues()
    check(len(tips) == 1, f"The queue should hold one tip; it holds {len(tips)}.")
    summary = tips[0]["summary"]
    _check_fields(
        summary, {"category": "embezzlement", "province": "TH-44", "is_verified": False}
    )  # fmt: skip
    check(tips[0]["centre"] == "maha-sarakham", "The tip went to another centre than its province.")
    stage.paper.say(
        "คิว", f"{tips[0]['tip_id'][:8]} · {summary['category']} · {summary['province']}"
        f" · {tips[0]['status']} · {summary['completeness_have']}/{summary['completeness_of']}",
    )  # fmt: skip
    stage.paper.checked("เรื่องไปถึงศูนย์มหาสารคาม · the tip reached its province's centre")
    check(not others, "The region sees a tip that nothing has escalated to it.")
    stage.paper.checked("เขตยังไม่เห็น เพราะยังไม่เลยกำหนด · the region does not see it yet")
    tip_id: str = tips[0]["tip_id"]
    return tip_id


def _officer_asks(stage: Stage, tip_id: str) -> None:
    stage.paper.title("รับเรื่อง อ่าน และถามกลับ · claim, read, ask back")
    officer = stage.provincial
    stage.paper.say("console", officer.claim(tip_id))
    tip = officer.read(tip_id)
    check(tip["is_whole"], "The console finds something wrong with the tip:", _alarms(tip))
    check(tip["claimed_by_name"] == officer.name, "The tip is not held by who claimed it.")
    words = _words(tip)
    for text in (STORY, MORE, "นายช่าง", "หน้าวัด หมู่ 5"):
        check(text in words, f"The officer cannot read “{text}”. There is:", words)
    for text in words:
        stage.paper.say("อ่านได้", text)
    files = [part["file"] for part in tip["parts"] if part["file"]]
    picture = photo()
    check(len(files) == 1, f"The officer should see one photo, not {len(files)}.")
    expected = {
        "media": "photo", "name": picture.name, "size": len(picture.data),
        "sha256": hashlib.sha256(picture.data).hexdigest(),
    }  # fmt: skip
    _check_fields(files[0], expected)
    stage.paper.say("อ่านได้", f"{files[0]['media']} · {files[0]['name']} · {files[0]['size']} B")
    folder = stage.deployment.folder / "export"
    officer.export(tip_id, folder, "demo")
    exported = (path.read_bytes() for path in folder.rglob("*") if path.is_file())
    check(picture.data in exported, "The exported photo is not the one that was sent.")
    stage.paper.checked("อ่านครบทุกคำ รูปตรงทุกไบต์ · every word read, the photo equal to the byte")
    stage.paper.say("console", officer.reply(tip_id, QUESTION))


def _citizen_answers(stage: Stage, receipt: str) -> None:
    stage.paper.title("กลับมาด้วยรหัส ทางเว็บ · back with the receipt, on the web this time")
    with stage.on_web("ประชาชน") as citizen:
        _come_back(citizen, receipt.replace("-", " "))
        citizen.check_sees(QUESTION)
        check(not citizen.sees(STORY), "The receipt shows what was told.", citizen.bubbles)
        stage.paper.checked("รหัสเปิดได้แต่คำของเจ้าหน้าที่ · the receipt opens officers' words only")
        citizen.tap("ตอบ")
        citizen.say(ANSWER)
        citizen.tap("ส่งครบแล้ว")
        citizen.check_sees("ส่งให้เจ้าหน้าที่แล้ว")
        citizen.tap("ออก")


def _officer_reads_the_answer(stage: Stage, tip_id: str) -> None:
    stage.paper.title("อ่านคำตอบ เปลี่ยนสถานะ · the answer, and a new status with a sentence")
    officer = stage.provincial
    tip = officer.read(tip_id)
    check(tip["is_whole"], "The console finds something wrong with the tip:", _alarms(tip))
    check(ANSWER in _words(tip), "The officer cannot read the answer. There is:", _words(tip))
    stage.paper.say("อ่านได้", ANSWER)
    stage.paper.checked("คำตอบมาถึงเจ้าหน้าที่ · the answer arrived")
    stage.paper.say("console", officer.status(tip_id, "screening", SENTENCE))


def _citizen_reads_the_status(stage: Stage, receipt: str) -> None:
    stage.paper.title("ดูสถานะอีกครั้งทาง LINE · the citizen looks again, on LINE")
    with stage.on_line("ประชาชน") as citizen:
        _come_back(citizen, receipt)
        citizen.check_sees("สถานะ: กำลังตรวจสอบ", SENTENCE)
        citizen.tap("ออก")
        stage.paper.checked("เห็นสถานะใหม่พร้อมเหตุผล · the new status, with its sentence")
        stage.paper.checked(
            "รหัสเดียวใช้ได้ทั้ง Telegram เว็บ และ LINE · one receipt works on all three channels"
        )


def _member_reports(stage: Stage, first: str) -> str:
    stage.paper.title(
        "แกนนำเครือข่ายใช้รหัสแทนชื่อทาง LINE · a network member on LINE, a code instead of a name"
    )
    code = stage.deployment.member_code
    with stage.on_line("แกนนำ") as member:
        member.open()
        member.tap("มีรหัสเครือข่าย")
        member.say(code.upper().replace("-", " "))
        member.check_sees("รหัสใช้ได้")
        check(not member.sees(code[5:]), "The chat repeats the member code.")
        member.check_sees("ยกเลิกข้อความ")
        member.unsend()
        member.tap("แจ้งเบาะแส")
        member.tap("เบิกจ่ายเท็จ")
        member.tap("ขอนแก่น")
        member.tap("ไม่ทราบ")
        member.tap("มีคนเล่าให้ฟัง")
        member.check_sees("ไม่ต้องบอกชื่อคนที่เล่าให้ฟัง")
        member.tap("เสร็จแล้ว")
        member.say(MEMBERS_STORY)
        member.tap("เล่าจบแล้ว")
        member.tap("ข้าม")
        member.tap("จำไม่ได้")
        member.tap("ไม่มี")
        member.tap("ส่ง")
        stage.paper.say("แกนนำ", f"(จดรหัส {member.receipt})")
        member.tap("จดแล้ว")
    tips = [tip for tip in stage.provincial.queue("--verified") if tip["tip_id"] != first]
    check(len(tips) == 1, f"One tip should carry the verified mark; {len(tips)} do.")
    expected = {"is_verified": True, "alias": code[:4], "is_duress": False, "province": "TH-40"}
    _check_fields(tips[0]["summary"], {**expected, "is_secondhand": True})
    tip = stage.provincial.read(tips[0]["tip_id"])
    track = {"alias": code[:4], "centre": MEMBERS_CENTRE, "since_year": MEMBER_SINCE, "earlier": 0}
    _check_fields(tip["track_record"], track)
    everything = repr(tip)
    check(MEMBERS_STORY in _words(tip), "The officer cannot read the member's tip.", _words(tip))
    check(code not in everything, "The tip holds the member's whole code.")
    stage.paper.checked(
        f"เจ้าหน้าที่เห็นเครื่องหมายยืนยัน {code[:4]} ไม่เห็นรหัส · the verified mark, never the code"
    )
    return str(tip["tip_id"])


def _forced_member_reports(stage: Stage, known: Collection[str]) -> None:
    stage.paper.title(
        "แกนนำคนเดิมถูกบังคับ ใช้รหัสฉุกเฉินทางเว็บ · the same member, forced, with the duress code"
    )
    code = stage.deployment.duress_code
    with stage.on_web("แกนนำ (ถูกบังคับ)") as member:
        member.open()
        member.tap("มีรหัสเครือข่าย")
        member.say(code)
        member.check_sees("รหัสใช้ได้")
        check(not member.sees("ฉุกเฉิน"), "The screen gives the duress code away.")
        member.tap("แจ้งข้อมูลข่าวสาร")
        member.tap("ขอนแก่น")
        member.say(FORCED_WORDS)
        member.tap("เล่าจบแล้ว")
        member.tap("ไม่มี")
        member.tap("ส่ง")
        member.tap("จดแล้ว")
    queue = stage.provincial.queue("--by-priority")
    tips = [tip for tip in queue if tip["summary"]["is_verified"] and tip["tip_id"] not in known]
    check(len(tips) == 1, f"One more tip should carry the verified mark; {len(tips)} do.")
    expected = {"is_verified": True, "alias": code[:4], "is_duress": True, "kind": "information"}
    _check_fields(tips[0]["summary"], expected)
    check(queue[0]["tip_id"] == tips[0]["tip_id"], "A forced member's tip should come first.")
    _check_fields(tips[0]["track_record"], {"earlier": 1})
    stage.paper.checked(
        "บนจอเหมือนเดิมทุกคำ เจ้าหน้าที่เห็นว่าถูกบังคับ และเรื่องขึ้นเป็นลำดับแรก"
        " · the same words on the screen; the officer sees that the member was forced, first of all"
    )


def _revoked_code(stage: Stage) -> None:
    code = stage.deployment.member_code
    stage.paper.title("บัตรหาย นายทะเบียนยกเลิกรหัส · the card is lost: the registrar revokes the code")
    Registrar(stage.deployment.registrar, stage.paper.say).revoke(code[:4], "บัตรหาย")
    finder = stage.on_web("คนเก็บบัตรได้")
    finder.open()
    finder.tap("มีรหัสเครือข่าย")
    finder.say(code)
    finder.check_sees("รหัสนี้ใช้ไม่ได้")
    stage.paper.checked(
        "รหัสที่ยกเลิกแล้วใช้ไม่ได้ คำตอบเหมือนรหัสผิดทุกคำ"
        " · a revoked code is refused in the words of a wrong one"
    )


def _somebody_changes_their_mind(stage: Stage) -> None:
    stage.paper.title(
        "ใส่รหัสผิด แล้วเล่าครึ่งทาง แล้วลบ ทางเว็บ · on the web: a wrong receipt, then a draft discarded"
    )
    with stage.on_web("อีกคน") as somebody:
        somebody.open()
        somebody.tap("ติดตามเรื่อง")
        somebody.say("4821 0937 5518")
        somebody.check_sees("รหัสไม่ครบหรือมีเลขผิด")
        somebody.say(Receipt.generate().grouped)
        somebody.check_sees("ไม่พบเรื่องของรหัสนี้")
        stage.paper.checked("ไม่บอกว่าหลักไหนผิด · it never says which digit was wrong")
        somebody.tap("ยกเลิก")
        somebody.tap("แจ้งเบาะแส")
        somebody.tap("เรียกรับเงิน")
        somebody.tap("อุดรธานี")
        somebody.tap("ย้อนกลับ")
        somebody.tap("เลย")
        somebody.tap("ไม่ทราบ")
        somebody.tap("ข้าม")
        somebody.say(DISCARDED)
        somebody.tap("ยกเลิก")
        somebody.check_sees("กู้คืนไม่ได้")
        somebody.tap("ลบทั้งหมด")
        somebody.check_sees("สิ่งที่เล่าไว้ถูกลบแล้ว")
        stage.paper.checked("ย้อนกลับ แก้ แล้วลบทั้งหมดได้ · back, another answer, all discarded")
    for officer, tips, count in zip(stage.officers, stage.queues(), (3, 0), strict=True):
        says = f"{officer.name} should see {count} tips, and sees {len(tips)}."
        check(len(tips) == count, says)
    stage.paper.checked("ไม่มีใครเห็นเรื่องที่ลบ · nobody sees what was discarded")


def _come_back(citizen: Person | OnLine, receipt: str) -> None:
    citizen.open()
    citizen.tap("ติดตามเรื่อง")
    citizen.say(receipt)


def _words(tip: Tip) -> list[str]:
    return [part["words"] for part in tip["parts"] if part["words"]]


def _alarms(tip: Tip) -> Iterable[str]:
    return [finding["says"] for finding in tip["findings"] if finding["is_alarm"]]


def _check_fields(found: Tip, expected: Mapping[str, object]) -> None:
    for name, value in expected.items():
        says = f"The console shows {name} = {found.get(name)!r}; it should be {value!r}."
        check(found.get(name) == value, says)
