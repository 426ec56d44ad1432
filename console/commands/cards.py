"""cards and campaigns: a registrar's texts for the chat, and sending them to who asked."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from console import answers, days, knowledge
from console.calm import calm_line
from console.errors import Mistaken
from console.knowledge import Listed
from console.office import Office
from console.shell import Shell, shell_of
from sealing import KnowledgeCard

CardArgument = Annotated[str, typer.Argument(help="id, or its first 6+ digits · เลขการ์ด")]
Json = Annotated[bool, typer.Option("--json")]


def register(app: typer.Typer) -> None:
    cards = typer.Typer(help="knowledge cards · การ์ดความรู้", no_args_is_help=True)
    cards.command("write", help="publish a card, or its next version · เผยแพร่การ์ด")(write)
    cards.command("list", help="every card · การ์ดทั้งหมด")(list_cards)
    cards.command("show", help="one card, whole · ดูทั้งใบ")(show)
    cards.command("withdraw", help="take a card out of the chat · ถอนการ์ด")(withdraw)
    app.add_typer(cards, name="cards")
    campaigns = typer.Typer(help="send cards to who asked · การรณรงค์", no_args_is_help=True)
    campaigns.command("send", help="send a card to who asked for such · ส่งการ์ด")(send)
    campaigns.command("list", help="how far they are · ส่งไปถึงไหนแล้ว")(list_campaigns)
    campaigns.command("stop", help="stop sending · หยุดส่ง")(stop)
    app.add_typer(campaigns, name="campaigns")


def write(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="TOML with audiences, [th], [en]; - is stdin")],
    centre: Annotated[str | None, typer.Option(help="in whose name · ในนามศูนย์")] = None,
    instead_of: Annotated[
        str | None, typer.Option(help="the card that this replaces · แทนการ์ดเดิม")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="look only, send nothing")] = False,
) -> None:
    shell = shell_of(context)
    draft = knowledge.read_draft(_raw(file))
    if check:
        shell.print(shell.say("knowledge.fine"))
        return

    async def work(office: Office) -> KnowledgeCard:
        return await knowledge.publish(office, draft, centre=centre, instead_of=instead_of)

    done = shell.at_work(work)
    shell.print(shell.say("knowledge.published", card=done.card_id, version=done.version))


def list_cards(context: typer.Context, json: Json = False) -> None:
    shell = shell_of(context)
    listed = shell.at_work(knowledge.cards)
    if json:
        shell.json({"cards": [_card_json(each) for each in listed]})
    elif not listed:
        shell.print(shell.say("knowledge.empty"))
    else:
        shell.out.print(_card_table(shell, listed))


def show(context: typer.Context, card: CardArgument, json: Json = False) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> Listed:
        return await knowledge.find(office, card)

    found = shell.at_work(work)
    if json:
        shell.json(_card_json(found))
        return
    shell.print(shell.say("knowledge.title", card=found.shown.card_id), "bold")
    shell.print(" · ".join(_facts(shell, found)))
    if found.card is None:
        shell.print("! " + shell.say("knowledge.unverified"), "bold red")
        return
    for text in found.card.texts:
        shell.print()
        shell.print(calm_line(f"[{text.language}] {text.label} · {text.title}"), "bold")
        for line in text.body.splitlines():
            shell.print(f"  │ {line}")


def withdraw(context: typer.Context, card: CardArgument) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> KnowledgeCard:
        return await knowledge.withdraw(office, card)

    shell.print(shell.say("knowledge.withdrawn", card=shell.at_work(work).card_id))


def send(
    context: typer.Context,
    card: CardArgument,
    audience: Annotated[
        list[str] | None, typer.Option(help="citizen | youth | private; again for more")
    ] = None,
) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> str:
        return await knowledge.send(office, card, audience or [])

    shell.print(shell.say("campaign.begun", campaign=shell.at_work(work)))


def list_campaigns(context: typer.Context, json: Json = False) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> answers.CampaignList:
        return await office.desk.campaigns()

    found = shell.at_work(work)
    if json:
        shell.json(msgspec.to_builtins(found))
        return
    for each in found.subscribers:
        audience = shell.words.label("audience", each.audience)
        shell.print(
            shell.say(
                "campaign.subscribers", channel=each.channel, audience=audience, n=each.count
            ),
            "dim",
        )
    if not found.campaigns:
        shell.print(shell.say("campaign.empty"))
    for campaign in found.campaigns:
        _print_campaign(shell, campaign)


def stop(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="id, or its first 6+ digits")],
) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> bool:
        return await knowledge.stop(office, campaign)

    was_running = shell.at_work(work)
    shell.print(shell.say("campaign.stopped" if was_running else "campaign.over"))


# --- reading and printing


def _raw(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(knowledge.AT_MOST_BYTES + 1)
    try:
        with file.open("rb") as source:
            return source.read(knowledge.AT_MOST_BYTES + 1)
    except OSError:
        raise Mistaken("knowledge.file_missing", path=file) from None


def _card_table(shell: Shell, listed: tuple[Listed, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for key in ("card", "label", "audiences", "centre", "day", "state"):
        table.add_column(shell.say(f"knowledge.column_{key}"), overflow="fold")
    for each in listed:
        table.add_row(
            Text(each.shown.card_id[:8], style="bold"),
            Text(calm_line(each.label(shell.words.language) or "–")),
            Text(_audiences(shell, each.shown.audiences)),
            Text(each.shown.centre),
            Text(days.say_day(each.shown.day, shell.words.language)),
            Text(_state(shell, each), style="" if each.card is not None else "bold red"),
        )
    return table


def _facts(shell: Shell, each: Listed) -> tuple[str, ...]:
    return (
        _state(shell, each),
        _audiences(shell, each.shown.audiences),
        each.shown.centre,
        shell.say("knowledge.version", n=each.shown.version),
        days.say_day(each.shown.day, shell.words.language),
    )


def _state(shell: Shell, each: Listed) -> str:
    if each.card is None:
        return shell.say("knowledge.state_unverified")
    is_hidden = each.card.state == "published" and not each.shown.is_shown
    return shell.say(
        "knowledge.state_hidden" if is_hidden else f"knowledge.state_{each.card.state}"
    )


def _audiences(shell: Shell, names: str) -> str:
    return calm_line(", ".join(shell.words.label("audience", each) for each in names.split(",")))


def _card_json(each: Listed) -> dict[str, object]:
    texts = () if each.card is None else each.card.texts
    return {
        "card": each.shown.card_id,
        "version": each.shown.version,
        "centre": each.shown.centre,
        "audiences": each.shown.audiences.split(","),
        "state": each.shown.state,
        "day": each.shown.day,
        "is_verified": each.card is not None,
        "is_shown": each.shown.is_shown,
        "texts": {
            text.language: {"label": text.label, "title": text.title, "body": text.body}
            for text in texts
        },
    }


def _print_campaign(shell: Shell, campaign: answers.Campaign) -> None:
    words = shell.words
    said = (
        campaign.campaign_id[:8],
        words.label("campaign_state", campaign.state),
        shell.say("campaign.of_card", card=campaign.card_id[:8]),
        _audiences(shell, campaign.audiences),
        days.say_day(campaign.day, words.language),
    )
    shell.print(" · ".join(said), "bold")
    for each in campaign.progress:
        told = shell.say(
            "campaign.progress",
            channel=each.channel,
            audience=words.label("audience", each.audience),
            told=each.told,
            missed=each.missed,
        )
        waits = shell.say("campaign.waits_quota") if each.waits else ""
        shell.print("  " + " · ".join(part for part in (told, waits) if part))
