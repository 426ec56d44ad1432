"""The demo to try by hand: a web chat, an officer's pages, and five lines that say what to do."""

import contextlib
import json
import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.demo import past
from deploy.demo.deployment import Deployment, Holder
from deploy.demo.errors import DemoFailed
from deploy.demo.officer import Officer
from deploy.demo.programs import Server, program, serving
from deploy.demo.registrar import with_codes
from deploy.demo.tales import tales, tell
from deploy.demo.transcript import Transcript

CASE_FILE = "case-file.pdf"
ADDRESS_AT_MOST_S = 60.0
LOOK_EVERY_S = 0.5

TO_TRY = """
  เว็บแชต · web chat             {chat}
{pages}
     (ที่อยู่หนึ่งเปิดได้ครั้งเดียว ภายใน 5 นาที · each address opens once, within 5 minutes)

1. เปิดเว็บแชต กด “แจ้งเบาะแส” เลือกจังหวัดขอนแก่นหรือมหาสารคาม เล่าอะไรก็ได้ แล้วจดรหัสติดตาม
   Open the chat, tell a tip in Khon Kaen or Maha Sarakham, and note the receipt.
2. เปิดหน้าของเจ้าหน้าที่ ใส่รหัสผ่าน ค้น กรอง รับเรื่อง อ่าน ถามกลับ แล้วปิดเรื่องพร้อมผล
   The officer's pages, with the passphrase: search, claim a tip, ask back, close it with a result.
3. กลับไปที่เว็บแชต (หน้าต่างส่วนตัวก็ได้) กด “ติดตามเรื่อง” ใส่รหัส อ่าน ตอบ แล้วยืนยันหรือขอเปิดเรื่องอีกครั้ง
   In a private window take “ติดตามเรื่อง”, type the receipt: answer, confirm, or have it reopened.
4. หน้าของหัวหน้า: มอบหมายเรื่อง ขอเวลาเพิ่ม ถอนสิทธิ์ · หน้าของผู้ตรวจสอบ: บันทึกการใช้งานที่ลบไม่ได้
   The lead's pages: assign, more time. The auditor's: a trail that nobody rewrites unseen.
5. แกนนำเครือข่าย: กด “มีรหัสเครือข่าย” ใส่ {member}   ถ้าถูกบังคับ: {duress}
   A network member's code, and the one for when its owner is forced; compare what the officer sees.
6. หน้า “ตัวเลข” ของหัวหน้าและผู้ตรวจสอบ แท็บ “ทั้งเครือข่าย”: กราฟ CSV (ตัวเลขย้อนหลังเป็นตัวเลขสมมุติ)
   “ตัวเลข”, figures, for lead and auditor: charts and CSV. The months before are made-up numbers.
7. LINE กับ Telegram: ใส่รหัสของบัญชีจริงในโฟลเดอร์ความลับ ดู docs/operate-line.md, docs/operate-telegram.md
   LINE and Telegram: put a real account's tokens into the secrets folder; those pages say how.
8. แฟ้มเรื่องตัวอย่างที่นำออกมาแล้ว · a sample tip that was taken out, to read and to print: {case_file}
   ตรวจว่าครบและไม่มีใครแก้ · check it: {check}
9. บนบรรทัดคำสั่ง: {console}
   The same on the command line. What the server holds: {data}

Ctrl-C ปิดทุกอย่าง · stops everything."""


def run(deployment: Deployment, paper: Transcript) -> None:
    """Serve until Ctrl-C. Raises DemoFailed when a program ends by itself."""
    months = past.lay_down(deployment.config)
    paper.progress(f"ตัวเลขสมมุติย้อนหลัง {months} เดือน · made-up figures of {months} months before")
    paper.progress("เปิดเครื่องแม่ข่าย · the bot: saisaat serve")
    command = (program("saisaat"), "serve", "--config", deployment.config)
    with serving("saisaat serve", command, deployment.logs / "serve.log") as bot:
        bot.wait_for_port(deployment.web_port)
        bot.wait_for_port(deployment.desk_port)
        paper.progress("รหัสเครือข่ายตัวอย่าง 2 รหัส · two sample member codes")
        deployment = with_codes(deployment)
        several = tales()
        paper.progress(
            f"เรื่องตัวอย่าง {len(several)} เรื่อง · {len(several)} sample tips, told in the chat"
        )
        tell(deployment, several)
        paper.progress("แฟ้มเรื่องตัวอย่าง · a sample tip taken out: saisaat-console export")
        exported = _export(deployment)
        paper.progress("เปิดหน้าของแต่ละคน · everybody's pages: saisaat-console open")
        with contextlib.ExitStack() as stack:
            opened = [
                stack.enter_context(pages_of(holder, deployment.logs / f"open-{nth}.log"))
                for nth, (_, holder) in enumerate(_with_pages(deployment))
            ]
            addresses = [address for _, address in opened]
            print(_to_try(deployment, addresses, exported), flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                while True:
                    time.sleep(LOOK_EVERY_S)
                    for server in (bot, *(server for server, _ in opened)):
                        server.check_alive()
            print("\nกำลังปิด · stopping …", flush=True)


def _export(deployment: Deployment) -> Path:
    """The folder of the sample tip of which most was sent."""
    officer = Officer(deployment.provincial, lambda who, words: None)
    longest = max(officer.queue(), key=lambda tip: int(tip["parts"]))
    folder = deployment.folder / "sample-export"
    officer.export(longest["tip_id"], folder, "ตัวอย่าง · sample")
    return folder


def _with_pages(deployment: Deployment) -> tuple[tuple[str, Holder], ...]:
    return (
        ("เจ้าหน้าที่ · officer", deployment.provincial),
        ("หัวหน้า · lead", deployment.lead),
        ("ผู้ตรวจสอบ · auditor", deployment.auditor),
    )


@contextmanager
def pages_of(holder: Holder, log: Path) -> Iterator[tuple[Server, str]]:
    """The officer's pages, and their address."""
    command = holder.console("--lang", "th", "open", "--no-browser", "--json")
    thai = {"LANG": "th_TH.UTF-8"}
    with serving("saisaat-console open", command, log, thai) as server:
        yield server, _address(server)


def _address(server: Server) -> str:
    """The address that the program prints when it is ready."""
    until = time.monotonic() + ADDRESS_AT_MOST_S
    while time.monotonic() < until:
        server.check_alive()
        for line in _objects(server.printed()):
            if isinstance(line.get("url"), str):
                return str(line["url"])
        time.sleep(0.05)
    raise DemoFailed(f"{server.name} printed no address.", server.printed().splitlines())


def _objects(printed: str) -> Iterator[dict[str, object]]:
    """The JSON objects in what a program printed, over one line or several."""
    decoder, at = json.JSONDecoder(), printed.find("{")
    while at >= 0:
        try:
            found, end = decoder.raw_decode(printed, at)
        except ValueError:
            at = printed.find("{", at + 1)
            continue
        if isinstance(found, dict):
            yield found
        at = printed.find("{", end)


def _to_try(deployment: Deployment, addresses: Sequence[str], exported: Path) -> str:
    shown = [str(word) for word in deployment.provincial.console("list")]
    case_file = exported / CASE_FILE
    people = zip(_with_pages(deployment), addresses, strict=True)
    return TO_TRY.format(
        chat=deployment.web_url,
        pages="\n".join(
            f"  {name}   {address}\n     รหัสผ่าน · passphrase   {_passphrase(holder)}"
            for (name, holder), address in people
        ),
        member=deployment.member_code,
        duress=deployment.duress_code,
        case_file=case_file if case_file.exists() else exported,  # no pango here: no paper
        check=shlex.join(map(str, deployment.provincial.console("export-check", str(exported)))),
        console=shlex.join(shown),
        data=deployment.data,
    )


def _passphrase(holder: Holder) -> str:
    return holder.passphrase_file.read_text(encoding="utf-8").strip()
