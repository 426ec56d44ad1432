"""Members and records of changes as tables on a terminal."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from console import days
from console.calm import calm_line
from console.members.book import Member
from console.members.recorded import Recorded
from console.shell import Shell
from console.trust import Trust


def cells(shell: Shell, member: Member, today: str) -> tuple[str, ...]:
    """One member as a row."""
    language = shell.words.language
    year = member.since_year + (days.BUDDHIST_ERA if language == "th" else 0)
    code = member.code
    return (
        member.alias,
        calm_line(member.name),
        member.centre,
        str(year),
        shell.words.label("standing", member.standing(today)),
        "–" if code is None else days.say_day(code.expires_day, language),
    )


def table(shell: Shell, title: str, *columns: str) -> Table:
    """An empty table; title and columns are keys of the words."""
    said = shell.say(title) if shell.words.has(title) else title
    table = Table(title=said, box=None, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(shell.words.say(f"members.{name}"), overflow="fold")
    return table


def record_table(shell: Shell, found: Sequence[Recorded], trust: Trust) -> Table:
    """What was done to codes; what no registrar's key signed is red."""
    words, language = shell.words, shell.words.language
    columns = (
        "record_day",
        "centre",
        "record_by",
        "record_deed",
        "record_count",
        "record_signature",
    )
    rows = table(shell, "members.record_title", *columns)
    for each in found:
        entry = each.entry
        kind = f" ({words.label('code_kind', 'duress')})" if entry.is_duress else ""
        said = (
            days.say_day(entry.day, language),
            entry.centre,
            calm_line(trust.signers.name(entry.officer)),
            words.label("deed", entry.deed) + kind,
            str(entry.count),
            words.say("part.signed" if each.is_trusted else "part.not_signed"),
        )
        rows.add_row(*(Text(text, style="" if each.is_trusted else "bold red") for text in said))
    return rows
