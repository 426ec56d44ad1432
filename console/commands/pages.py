"""open: the officer's pages in a browser window of this machine."""

from typing import Annotated

import typer

from console.errors import Mistaken
from console.folder import KEYS
from console.shell import shell_of


def register(app: typer.Typer) -> None:
    app.command("open", help="pages in your browser · เปิดหน้าต่างเบราว์เซอร์")(open_pages)


def open_pages(
    context: typer.Context,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="print the address")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: a free one")] = 0,
    idle_minutes: Annotated[
        int | None, typer.Option(min=1, max=480, help="lock after; else as in Settings, or 15")
    ] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    from console.pages.serve import serve  # the web stack is slow to load, and only needed here

    shell = shell_of(context)
    folder = shell.folder
    folder.settings()
    shell.warn_if_open(folder.path)
    if folder.read(KEYS) is None:
        raise Mistaken("folder.no_keys", path=folder.path)

    def tell(address: str, browser: str | None) -> None:
        if json:
            shell.json({"url": address, "browser": browser})
            return
        shell.print(shell.say("page.show_at", url=address))
        if browser is None and not no_browser:
            shell.tell(shell.say("page.browser_missing"), "yellow")
        shell.tell(shell.say("page.stop_hint"))

    serve(
        folder,
        shell.words,
        port=port,
        idle_s=None if idle_minutes is None else idle_minutes * 60.0,
        with_browser=not no_browser,
        tell=tell,
    )
