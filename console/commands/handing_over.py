"""hand-over; handoff preview, approve: a tip for another body."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from console import present
from console.calm import calm, calm_line
from console.commands.tips import Despite, TipArgument, read_text
from console.errors import Mistaken
from console.handing_over import HandedOver, Order, agree, hand_over, preview, say_leaks
from console.handoff.choices import Choices, Form, checked_phrases, read_phrases
from console.handoff.packing import Packed
from console.office import Office
from console.shell import Shell, shell_of

BlackOut = Annotated[
    list[str] | None,
    typer.Option(help="a phrase to black out, may repeat; visible in ps · ข้อความที่ให้ปิดทับ"),
]
BlackOutFile = Annotated[
    Path | None, typer.Option(help="phrases to black out, one a line · ไฟล์ข้อความที่ให้ปิดทับ")
]
Talk = Annotated[
    list[int] | None,
    typer.Option(help="a part of the conversation to send along · ลำดับของส่วนที่ให้ส่งด้วย"),
]
Tick = Annotated[
    list[int] | None,
    typer.Option(help="a voice or document to send along · เสียงหรือเอกสารที่ให้ส่งด้วย"),
]
Without = Annotated[list[int] | None, typer.Option(help="a file to leave out · ไฟล์ที่ไม่ให้ส่ง")]


def make() -> typer.Typer:
    app = typer.Typer(
        help="what another body may have of a tip · เอกสารส่งมอบ",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.command("preview", help="read what would leave · ดูตัวอย่างก่อนส่งมอบ")(preview_handoff)
    app.command("approve", help="agree that a colleague hands it over · เห็นชอบให้ส่งมอบ")(approve)
    return app


def register(app: typer.Typer) -> None:
    app.command("hand-over", help="hand a tip over to another body · ส่งมอบให้หน่วยงานอื่น")(give)


def preview_handoff(
    context: typer.Context,
    tip: TipArgument,
    black_out: BlackOut = None,
    black_out_file: BlackOutFile = None,
    talk: Talk = None,
    tick: Tick = None,
    without: Without = None,
    despite_warnings: Despite = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    shell = shell_of(context)
    choices = _choices(black_out, black_out_file, talk, tick, without)

    async def work(office: Office) -> Packed:
        tip_id = await office.tip_id(tip)
        return await preview(office, tip_id, choices, shell.words, despite=despite_warnings)

    packed = shell.at_work(work)
    if json:
        shell.json(_packed_json(packed))
        return
    shell.print(calm(packed.text))
    _tell_left(shell, packed)
    shell.tell(shell.say("handoff.warning"), "yellow")
    if tick:
        shell.tell(shell.say("handoff.voice_warning"), "yellow")
    if packed.leaks:
        raise Mistaken("handoff.leaks", found=say_leaks(shell.words, packed.leaks))
    shell.print(shell.say("handoff.number", number=packed.number), "bold")
    shell.print(shell.say("handoff.number_help", number=packed.number))


def give(
    context: typer.Context,
    tip: TipArgument,
    to: Annotated[str, typer.Option(help="the body: nacc, police, … · หน่วยงาน")],
    reason: Annotated[str, typer.Option(help="why · เหตุผล")] = "",
    full: Annotated[
        bool,
        typer.Option(
            "--full/--redacted",
            help="all of it, sealed to the body's key; or without what names the reporter · "
            "ฉบับเต็มปิดผนึกถึงหน่วยงาน หรือฉบับปิดข้อมูลผู้แจ้ง",
        ),
    ] = False,
    read: Annotated[str, typer.Option(help="the preview's number · เลขของฉบับที่อ่าน")] = "",
    out: Annotated[Path, typer.Option(help="a new file or a folder · ไฟล์ใหม่หรือโฟลเดอร์")] = Path(),
    black_out: BlackOut = None,
    black_out_file: BlackOutFile = None,
    talk: Talk = None,
    tick: Tick = None,
    without: Without = None,
    despite_warnings: Despite = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    shell = shell_of(context)
    choices = _choices(black_out, black_out_file, talk, tick, without)
    order = Order(to, Form.FULL if full else Form.REDACTED, choices, reason, read)

    async def work(office: Office) -> HandedOver:
        tip_id = await office.tip_id(tip)
        return await hand_over(office, tip_id, order, out, shell.words, despite=despite_warnings)

    done = shell.at_work(work)
    _tell_left(shell, done.packed)
    if not done.packed.is_printed:
        shell.tell(shell.say("handover.no_paper"), "yellow")
    name, key = done.to.name(shell.words.language), done.to.key
    if key is not None and not key.is_post_quantum:
        shell.tell(shell.say("handover.weak_key", body=name), "yellow")
    if json:
        shell.json(
            {
                "path": str(done.path),
                "body": done.to.id,
                "form": done.form.value,
                "is_sealed": key is not None,
                "sha256": done.packed.sha256,
                **_packed_json(done.packed),
            }
        )
        return
    form = shell.words.label("handover", done.form)
    shell.print(shell.say("handover.done", path=done.path, body=name, form=form))
    sealed = shell.say("handover.done_sealed", body=name)
    shell.print(shell.say("handover.done_open") if key is None else sealed)


def approve(
    context: typer.Context,
    tip: TipArgument,
    handover: Annotated[
        str | None, typer.Option(help="its id, where several wait · รหัสของรายการ")
    ] = None,
    despite_warnings: Despite = False,
) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> tuple[str, str]:
        tip_id = await office.tip_id(tip)
        agreed = await agree(office, tip_id, handover, despite=despite_warnings)
        signers = (await office.trust()).signers
        return signers.name(agreed.officer), present.body_name(shell.words, agreed.body, signers)

    name, body = shell.at_work(work)
    shell.print(calm_line(shell.say("handover.agreed", name=name, body=body)))


def _choices(
    black_out: Sequence[str] | None,
    file: Path | None,
    talk: Sequence[int] | None,
    tick: Sequence[int] | None,
    without: Sequence[int] | None,
) -> Choices:
    listed = () if file is None else read_phrases(read_text(file))
    return Choices(
        checked_phrases((*listed, *(black_out or ()))),
        frozenset(talk or ()),
        frozenset(tick or ()),
        frozenset(without or ()),
    )


def _tell_left(shell: Shell, packed: Packed) -> None:
    for left in packed.left:
        reason = shell.words.label("handoff_left", left.reason)
        shell.tell(shell.say("handover.left", seq=left.seq, why=reason), "yellow")


def _packed_json(packed: Packed) -> dict[str, object]:
    return {
        "number": packed.number,
        "text": packed.text,
        "evidence": [{"name": each.name, "media": each.media} for each in packed.evidence],
        "left": [{"seq": each.seq, "why": each.reason} for each in packed.left],
        "leaks": [{"kind": each.kind, "where": each.where} for each in packed.leaks],
    }
