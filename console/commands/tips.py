"""list, read, reply, note, claim, release, status, grant, refer: the daily work."""

import sys
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from console import acting, as_json, days, present
from console.acting import STATUSES
from console.answers import Me, TreeCentre
from console.calm import SHOWN_AT_MOST, calm_line
from console.endings import last_word
from console.errors import Mistaken
from console.office import Listing, Office, Reading, Wanted, facts_of
from console.office_rows import Row, is_application
from console.referring import Referred, refer
from console.reply_templates import filled, find_template, templates_for
from console.results import outcomes
from console.shell import Shell, shell_of
from console.trust import Trust

TipArgument = Annotated[str, typer.Argument(help="id, or its first 6+ digits · เลขเรื่อง")]
Json = Annotated[bool, typer.Option("--json")]
Despite = Annotated[
    bool,
    typer.Option(
        "--despite-warnings", help="go on although not all verifies, or a step is unusual"
    ),
]
Reason = Annotated[
    str, typer.Option(help="why, for officers only; visible in ps · เหตุผล เห็นเฉพาะเจ้าหน้าที่")
]
ReasonFile = Annotated[Path | None, typer.Option(help="read the reason from this file")]
NoConflict = Annotated[
    bool,
    typer.Option(
        "--no-conflict",
        help="you read the tip: it is about no agency of the declared conflicts · "
        "อ่านแล้ว เรื่องไม่เกี่ยวกับหน่วยงานที่เจ้าหน้าที่แจ้งว่ามีส่วนได้เสีย",
    ),
]
WordsOption = Annotated[
    str | None,
    typer.Option(
        help="the text; others on this machine can see it (ps), so better leave it out: then it is "
        "read from stdin or asked for · ข้อความ (คนอื่นในเครื่องเห็นได้ ไม่ใส่จะถามให้พิมพ์)"
    ),
]
WordsFile = Annotated[Path | None, typer.Option(help="read the text from this file; - is stdin")]
Sentence = Annotated[
    str, typer.Option(help="what the reporter reads; visible in ps like --words · ประโยคถึงผู้แจ้ง")
]
_TONES = {"danger": "bold red", "warm": "yellow", "good": "green", "plain": ""}
WORDS_FILE_AT_MOST = 1024 * 1024


def register(app: typer.Typer) -> None:
    app.command("list", help="the queue · คิวเรื่อง")(list_tips)
    app.command("read", help="one tip's conversation · อ่านเรื่อง")(read)
    app.command("reply", help="write to the reporter · ตอบผู้แจ้ง")(reply)
    app.command("note", help="write for officers only · บันทึกภายใน")(note)
    app.command("claim", help="take a tip · รับเรื่อง")(claim)
    app.command("release", help="give a tip back · คืนเรื่อง")(release)
    app.command("status", help="change the status · เปลี่ยนสถานะ")(status)
    app.command("grant", help="let a colleague read · ให้เพื่อนร่วมงานอ่าน")(grant)
    app.command("refer", help="move a tip to another centre · ย้ายเรื่องไปศูนย์อื่น")(refer_tip)


def list_tips(
    context: typer.Context,
    status: Annotated[str | None, typer.Option(help=",".join(STATUSES))] = None,
    urgent: Annotated[bool, typer.Option("--urgent", help="ด่วน")] = False,
    verified: Annotated[bool, typer.Option("--verified", help="เครือข่ายยืนยัน")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="ของฉัน")] = False,
    unclaimed: Annotated[bool, typer.Option("--unclaimed", help="ยังไม่มีผู้รับ")] = False,
    province: Annotated[str | None, typer.Option(help="TH-40")] = None,
    category: Annotated[str | None, typer.Option()] = None,
    applications: Annotated[
        bool, typer.Option("--applications", help="to join the network · ใบสมัครเครือข่าย")
    ] = False,
    reopened: Annotated[
        bool, typer.Option("--reopened", help="by the reporter · ผู้แจ้งขอเปิดเรื่องอีกครั้ง")
    ] = False,
    held: Annotated[
        bool, typer.Option("--held", help="not to be destroyed · ระงับการทำลายไว้")
    ] = False,
    after: Annotated[str | None, typer.Option(help="where the last page ended")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    by_priority: Annotated[
        bool, typer.Option("--by-priority", help="gravest first · เรื่องสำคัญก่อน")
    ] = False,
    json: Json = False,
) -> None:
    shell = shell_of(context)
    if by_priority and after:
        raise Mistaken("list.no_after")
    statuses = tuple(part.strip() for part in status.split(",")) if status else ()
    for name in statuses:
        if name not in STATUSES:
            raise Mistaken("status.unknown", status=name, known=", ".join(STATUSES))
    wanted = Wanted(
        statuses,
        urgent,
        verified,
        mine,
        unclaimed,
        province,
        category,
        is_application=applications,
        is_reopened=reopened,
        is_held=held,
        is_by_priority=by_priority,
    )

    async def work(office: Office) -> tuple[Listing, Trust, Me]:
        listing = await office.queue(wanted, after=after, limit=limit)
        return listing, await office.trust(), await office.me()

    listing, trust, me = shell.at_work(work)
    _tell_roster(shell, trust)
    if guessing := present.guessing_warning(shell.words, me.guessing_day):
        shell.tell(guessing, "yellow")
    if restored := present.restore_warning(shell.words, me):
        shell.tell(restored, "yellow")
    if json:
        rows = [as_json.row_json(row) for row in listing.rows]
        shell.json({"tips": rows, "next": listing.next, "guessing_day": me.guessing_day})
        return
    if not listing.rows:
        shell.print(shell.say("list.empty"))
    else:
        shell.out.print(_table(shell, listing.rows))
        shell.print(shell.say("list.counted", n=len(listing.rows)), "dim")
    if listing.next:
        shell.tell(shell.say("app.more", cursor=listing.next))


def read(
    context: typer.Context,
    tip: TipArgument,
    full: Annotated[bool, typer.Option("--full", help="however long · ทั้งหมด")] = False,
    json: Json = False,
) -> None:
    shell = shell_of(context)

    async def work(
        office: Office,
    ) -> tuple[Reading, Set[int], Trust, Mapping[str, TreeCentre]]:
        tip_id = await office.tip_id(tip)
        looked_to = office.looked_to(tip_id)
        reading = await office.read(tip_id)
        if not json:
            office.remember_looked(reading)
        new = reading.new_since(looked_to, office.keys.id)
        return reading, new, await office.trust(), await office.centres()

    reading, new, trust, centres = shell.at_work(work)
    _tell_roster(shell, trust)
    if json:
        shell.json(as_json.reading_json(shell.words, reading))
        return
    at_most = None if full else SHOWN_AT_MOST
    _print_reading(shell, reading, new, trust, centres, at_most)


def reply(
    context: typer.Context,
    tip: TipArgument,
    words: WordsOption = None,
    words_file: WordsFile = None,
    template: Annotated[
        str | None,
        typer.Option(help="send prepared words: ID or ID.th (see templates) · ข้อความสำเร็จรูป"),
    ] = None,
    despite_warnings: Despite = False,
) -> None:
    shell = shell_of(context)
    if template is not None and (words is not None or words_file is not None):
        raise Mistaken("templates.words_too")
    text = "" if template is not None else text_of(shell, words, words_file)

    async def work(office: Office) -> None:
        tip_id = await office.tip_id(tip)
        said = text
        if template is not None:
            prepared = templates_for(shell.folder.path)
            chosen = find_template(prepared, template, shell.words.language)
            said = await filled(office, tip_id, chosen)
        await acting.reply(office, tip_id, said, despite=despite_warnings)

    shell.at_work(work)
    shell.print(shell.say("act.replied"))


def note(
    context: typer.Context,
    tip: TipArgument,
    words: WordsOption = None,
    words_file: WordsFile = None,
    despite_warnings: Despite = False,
) -> None:
    shell = shell_of(context)
    text = text_of(shell, words, words_file)

    async def work(office: Office) -> None:
        await acting.note(office, await office.tip_id(tip), text, despite=despite_warnings)

    shell.at_work(work)
    shell.print(shell.say("act.noted"))


def claim(context: typer.Context, tip: TipArgument) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> None:
        await acting.claim(office, await office.tip_id(tip))

    shell.at_work(work)
    shell.print(shell.say("act.claimed"))


def release(context: typer.Context, tip: TipArgument) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> None:
        await acting.release(office, await office.tip_id(tip))

    shell.at_work(work)
    shell.print(shell.say("act.released"))


def status(
    context: typer.Context,
    tip: TipArgument,
    status: Annotated[str, typer.Argument(help=", ".join(STATUSES))],
    sentence: Sentence = "",
    sentence_file: WordsFile = None,
    reason: Annotated[
        str, typer.Option(help="why, for officers only; kept as a note · เหตุผลภายใน")
    ] = "",
    despite_warnings: Despite = False,
) -> None:
    shell = shell_of(context)
    text = given(shell, sentence, sentence_file)

    async def work(office: Office) -> bool:
        tip_id = await office.tip_id(tip)
        await acting.set_status(
            office,
            tip_id,
            status,
            text,
            prepared=present.prepared_sentences(shell.words),
            reason=reason,
            despite=despite_warnings,
            is_sure=despite_warnings,
        )
        return is_application((await office.read(tip_id)).tip.grant.summary)

    applies = shell.at_work(work)
    shell.print(shell.say("status.set", status=shell.words.label("status", status)))
    if applies and status == "accepted":
        shell.print(shell.say("application.next"))


def grant(
    context: typer.Context,
    tip: TipArgument,
    officer: Annotated[str, typer.Argument(help="name or id in the roster · ชื่อเจ้าหน้าที่")],
    no_conflict: NoConflict = False,
    despite_warnings: Despite = False,
) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> str:
        tip_id = await office.tip_id(tip)
        colleague = await acting.let_in(
            office, tip_id, officer, despite=despite_warnings, is_conflict_free=no_conflict
        )
        return colleague.name

    shell.print(shell.say("grant.given", name=shell.at_work(work)))


def refer_tip(
    context: typer.Context,
    tip: TipArgument,
    to: Annotated[str, typer.Option(help="the centre's id or name · ศูนย์ปลายทาง")],
    sentence: Sentence = "",
    sentence_file: WordsFile = None,
    reason: Reason = "",
    reason_file: ReasonFile = None,
    no_conflict: NoConflict = False,
    despite_warnings: Despite = False,
    json: Json = False,
) -> None:
    shell = shell_of(context)
    told = given(shell, sentence, sentence_file)
    why = given(shell, reason, reason_file)
    if not told.strip():
        raise Mistaken("refer.needs_sentence")
    if not why.strip():
        raise Mistaken("refer.needs_reason")

    async def work(office: Office) -> Referred:
        tip_id = await office.tip_id(tip)
        return await refer(
            office,
            tip_id,
            to,
            told,
            why,
            despite=despite_warnings,
            is_sure=despite_warnings,
            is_conflict_free=no_conflict,
        )

    done = shell.at_work(work)
    if json:
        shell.json(
            {
                "to": done.centre.id,
                "readers": [officer.id for officer in done.readers],
                "left_out": [officer.id for officer in done.left_out],
            }
        )
    else:
        centre, n = done.centre.name(shell.words.language), len(done.readers)
        shell.print(shell.say("refer.done", centre=centre, n=n))
    for officer in done.left_out:
        shell.tell(shell.say("refer.left_out", name=officer.name), "yellow")


# --- printing


def _tell_roster(shell: Shell, trust: Trust) -> None:
    warning = present.roster_warning(shell.words, trust.roster, days.today())
    if warning:
        shell.tell(warning, "yellow")


def _table(shell: Shell, rows: tuple[Row, ...]) -> Table:
    table = Table(title=shell.say("list.title"), box=None, pad_edge=False, header_style="dim")
    for key in ("tip", "day", "category", "clock", "status", "claimed", "completeness", "marks"):
        table.add_column(shell.say(f"list.{key}"), overflow="fold")
    for row in rows:
        table.add_row(*_cells(shell, row))
    return table


def _cells(shell: Shell, row: Row) -> list[Text]:
    words, shown, told = shell.words, row.shown, row.summary
    marks = Text()
    for mark in present.marks(words, row):
        marks.append(mark.text + "  ", style=_TONES[mark.tone])
    if row.problem is not None:
        marks.append("! " + shell.explain(row.problem), style="bold red")
    have = f"{told.completeness_have}/{told.completeness_of}" if told else "–"
    clock = present.clock(words, row.left, row.warn_days) or "–"
    return [
        Text(shown.tip_id[:8], style="bold"),
        Text(days.say_day(shown.filed_day, words.language)),
        Text(calm_line(present.title(words, row))),
        Text(clock, style=_TONES[present.clock_tone(row.left, row.warn_days)]),
        Text(words.label("status", shown.status)),
        Text(calm_line(shown.claimed_by_name or "–")),
        Text(have),
        marks,
    ]


def _print_reading(
    shell: Shell,
    reading: Reading,
    new: Set[int],
    trust: Trust,
    centres: Mapping[str, TreeCentre],
    at_most: int | None,
) -> None:
    words, shown = shell.words, reading.tip.shown
    word = present.last_word(words, last_word(shown.changes))
    shell.print(shell.say("read.title", tip=shown.tip_id), "bold")
    facts = [
        shell.say("read.filed", day=days.say_day(shown.filed_day, words.language)),
        words.label("status", shown.status),
        present.centre_name(words, shown.centre, centres),
        present.clock(words, reading.left, reading.warn_days),
        shell.say("page.held_by", name=trust.signers.name(shown.claimed_by))
        if shown.claimed_by
        else shell.say("page.held_by_none"),
        None if word is None else word.text,
        shell.say("mark.no_contact") if shown.no_contact else None,
        present.fate(words, shown),
    ]
    shell.print(calm_line(" · ".join(fact for fact in facts if fact)))
    _print_marks(shell, reading)
    _print_findings(shell, reading)
    _print_suggestions(shell, reading)
    for bubble in present.conversation(words, reading, trust.signers):
        _print_bubble(shell, bubble, at_most, is_new=bubble.seq in new)
    _print_events(shell, reading, trust, centres)


def _print_marks(shell: Shell, reading: Reading) -> None:
    summary = reading.tip.grant.summary
    if summary is None:
        return
    said = (
        shell.words.label("category", summary.category),
        shell.words.label("province", summary.province),
        shell.words.label("kind", summary.kind),
        "" if summary.alias or is_application(summary) else shell.say("mark.unverified"),
        shell.say("mark.secondhand") if summary.is_secondhand else "",
        shell.say("mark.complete", have=summary.completeness_have, of=summary.completeness_of),
        shell.say("mark.elsewhere") if summary.is_reported_elsewhere else "",
    )
    shell.print(calm_line(" · ".join(part for part in said if part)))
    if reading.track is not None:
        shell.print(calm_line(present.track(shell.words, reading.track)), "green")
    if summary.is_duress:
        shell.print("!! " + shell.say("mark.duress_help"), "bold red")
    if summary.is_afraid:
        shell.print("! " + shell.say("mark.afraid_help"), "yellow")


def _print_findings(shell: Shell, reading: Reading) -> None:
    shell.print()
    if reading.alarms:
        shell.print(shell.say("finding.title"), "bold red")
        for finding in reading.alarms:
            shell.print(f"  ! {present.say_finding(shell.words, finding)}", "red")
        shell.print(f"  {shell.say('finding.advice')}")
    else:
        shell.print(shell.say("finding.all_well", parts=len(reading.tip.parts)), "green")
    for finding in reading.notices:
        shell.print(f"  · {present.say_finding(shell.words, finding)}", "dim")


def _print_suggestions(shell: Shell, reading: Reading) -> None:
    if reading.suggestions:
        shell.print()
        shell.print(shell.say("jurisdiction.title"), "bold")
    for one in reading.suggestions:
        shell.print(f"  · {present.suggestion(shell.words, one)}", "dim")


def _print_bubble(
    shell: Shell, bubble: present.Bubble, at_most: int | None, *, is_new: bool
) -> None:
    shell.print()
    day = days.say_day(bubble.day, shell.words.language)
    news = shell.say("page.new") if is_new else None
    head = " · ".join(
        part
        for part in (f"[{bubble.seq}] {bubble.who}", news, bubble.label, day, bubble.signature)
        if part
    )
    shell.print(calm_line(head), "bold" if bubble.is_trusted else "bold red")
    text = bubble.text or ""
    cut = text if at_most is None else text[:at_most]
    # A bar before every line: no line of a tip can pass for a line of this program.
    for line in cut.splitlines():
        shell.print(f"  │ {line}")
    if len(cut) < len(text):
        shell.print("  " + shell.say("app.shortened", n=len(text)), "dim")
    if bubble.about is not None:
        shell.print(f"  ! {bubble.about}", "yellow")
    if bubble.file is not None:
        file = facts_of(bubble.file)
        media = shell.words.label("media", file.media)
        name = calm_line(file.name or "")
        shell.print(f"  │ {media} {name} · {present.size(file.size)}")
        shell.print(f"  │ SHA-256 {file.sha256}", "dim")
        shell.print(f"  │ {shell.say('file.not_in_terminal')}", "dim")


def _print_events(
    shell: Shell, reading: Reading, trust: Trust, centres: Mapping[str, TreeCentre]
) -> None:
    written = outcomes(reading.tip)
    changes = reading.tip.shown.changes
    events = present.history(shell.words, changes, trust.signers, centres, written)
    if events:
        shell.print()
        shell.print(shell.say("read.history"), "bold")
    for event in events:
        day = days.say_day(event.day, shell.words.language)
        shell.print(f"  {day} · {calm_line(event.text)}")
    opened = present.openings(shell.words, reading.tip.shown.openings, trust.signers)
    _print_told(shell, "opening.title", opened)
    given = present.handovers(shell.words, reading.tip.shown.handovers, trust.signers)
    _print_told(shell, "handover.title", given)


def _print_told(shell: Shell, title: str, told: Sequence[tuple[str, str, str]]) -> None:
    """Lines with their day, under a title; nothing where there is none."""
    if told:
        shell.print()
        shell.print(shell.say(title), "bold")
    for _, day, text in told:
        shell.print(f"  {days.say_day(day, shell.words.language)} · {calm_line(text)}")


def given(shell: Shell, words: str, file: Path | None) -> str:
    """The words of an option, or of the *file* that stands in its place."""
    return words if file is None else text_of(shell, None, file)


def text_of(shell: Shell, words: str | None, file: Path | None) -> str:
    """The message: from the option, a file, what is piped in, or a prompt."""
    if words is not None:
        return words
    if file is not None and str(file) != "-":
        return read_text(file)
    if file is not None or not sys.stdin.isatty():
        return sys.stdin.read(WORDS_FILE_AT_MOST)
    return shell.ask("act.words_ask")


def read_text(file: Path) -> str:
    """What somebody wrote into *file*, all of it. Raises Mistaken for one that is too long, no text
    or not to be read: nothing is cut off that they meant to be there."""
    try:
        with file.open("rb") as source:
            raw = source.read(WORDS_FILE_AT_MOST + 1)
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise Mistaken("act.file_bad", path=file) from None
    if len(raw) > WORDS_FILE_AT_MOST:
        raise Mistaken("act.file_bad", path=file)
    return text
