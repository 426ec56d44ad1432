"""How a fresh code reaches its owner: on a card, or once on a terminal; and whose names come in.

A code is on no other way out: neither a pipe nor a file but the card's.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from console.errors import Mistaken
from console.folder import CONFIG
from console.members.cards import CardText, Printer, check_can_print, write_cards
from console.members.making import Made
from console.members.registrar import Hand, Registrar, Steps
from console.shell import Shell
from console.words import words_for

NAMES_AT_MOST_BYTES = 1024 * 1024


def hand(
    shell: Shell, registrar: Registrar, path: Path | None, one_per_page: bool, language: str
) -> Hand:
    """How fresh codes reach their owners: on cards, or once on the screen."""
    if path is None:
        return lambda made: show_once(shell, made)
    if path.exists():
        raise Mistaken("card.exists", path=path)
    printer = Printer(words_for(language), registrar.links, one_per_page)
    check_can_print(printer)
    links = ", ".join(link for _, link in registrar.links.named())
    if links:
        shell.tell(shell.say("members.links_are", links=links))
    else:
        shell.tell(shell.say("members.links_none", path=shell.home / CONFIG), "yellow")

    def on_cards(made: Sequence[Made]) -> None:
        texts = [CardText(each.code.grouped, each.expires_day) for each in made]
        write_cards(path, printer.print(texts))

    return on_cards


def show_once(shell: Shell, made: Sequence[Made]) -> None:
    """On the terminal's other screen, which leaves nothing to scroll back to."""
    for each in made:
        with shell.out.screen(hide_cursor=False):
            key = "members.show_duress" if each.is_duress else "members.show_once"
            shell.print(shell.say(key, alias=each.code.alias))
            shell.print()
            shell.print(f"    {each.code.grouped}", "bold")
            shell.print()
            if each.is_duress:
                shell.print(shell.say("members.show_duress_help"))
            shell.ask("members.show_end", default="")


def check_screen(shell: Shell, cards: Path | None) -> None:
    """Raises Mistaken when a code would be shown and nobody is at a terminal."""
    if cards is None and not shell.out.is_terminal:
        raise Mistaken("members.show_on_screen")


@contextmanager
def progress(shell: Shell, count: int) -> Iterator[Steps]:
    """Bars for *count* codes: made, and known to the desk."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=shell.err, transient=True) as bars:
        making = bars.add_task(shell.say("members.making"), total=count)
        sending = bars.add_task(shell.say("members.sending"), total=count)
        yield Steps(
            made=lambda: bars.advance(making),
            confirmed=lambda n: bars.advance(sending, n),
        )


def names(file: Path | None) -> tuple[str, ...]:
    """One name a line, out of *file* or stdin. Raises Mistaken."""
    try:
        if file is None or str(file) == "-":
            raw = sys.stdin.buffer.read(NAMES_AT_MOST_BYTES + 1)
        else:
            with file.open("rb") as source:
                raw = source.read(NAMES_AT_MOST_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise Mistaken("members.batch_names") from None
    if len(raw) > NAMES_AT_MOST_BYTES:
        raise Mistaken("members.batch_names")
    return tuple(line.strip() for line in text.splitlines() if line.strip())
