"""saisaat-console: the officer's command line. Wires the commands, turns every error into one
plain sentence.

Exit codes: 0 done, 2 the officer's mistake, 3 not reachable, 4 the desk refused, 5 something
does not verify, 70 a fault of ours, 130 stopped by hand.
"""

import contextlib
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from console.commands import (
    alerts,
    assigning,
    audit,
    cards,
    endings,
    exports,
    extending,
    figures,
    handing_over,
    legal_hold,
    links,
    members,
    officer,
    openings,
    pages,
    recovery,
    registry,
    roster,
    sessions,
    tips,
    withdrawing,
)
from console.errors import ConsoleError
from console.shell import PLAIN_WIDTH, Shell
from console.words import language_of, words_for
from sealing.key_files import LOG_N

HOME = "SAISAAT_CONSOLE_HOME"
INTERNAL = 70
INTERRUPTED = 130


class PlainErrors(TyperGroup):
    """A group whose commands end with a sentence and an exit code, never with a traceback.

    A traceback shows local values, and ours are people's words and keys.
    """

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ConsoleError as error:
            says = ctx.obj.explain(error) if isinstance(ctx.obj, Shell) else error.key
            _say(ctx, "app.error", says=says)
            raise typer.Exit(error.exit_code) from None
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            _say(ctx, "app.interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            if type(error).__module__.startswith(("typer", "click")):
                raise  # wrong usage: typer says what is missing
            _say(ctx, "app.internal", kind=type(error).__name__)
            raise typer.Exit(INTERNAL) from None


def make_app(log_n: int = LOG_N) -> typer.Typer:
    """The program. *log_n* is the cost of new key files; only tests ask for less."""
    app = typer.Typer(
        cls=PlainErrors,
        name="saisaat-console",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="ใสสะอาด: โต๊ะเจ้าหน้าที่ · Saisaat: the officer's desk",
    )

    @app.callback()
    def begin(
        context: typer.Context,
        home: Annotated[
            Path | None, typer.Option(envvar=HOME, help="officer's folder · โฟลเดอร์ของเจ้าหน้าที่")
        ] = None,
        lang: Annotated[str | None, typer.Option(help="th | en")] = None,
        passphrase_file: Annotated[
            Path | None, typer.Option(help="first line is the passphrase · ไฟล์รหัสผ่าน")
        ] = None,
    ) -> None:
        """Set up what every command shares."""
        context.obj = Shell(
            home=home or Path.home() / ".saisaat-console",
            words=words_for(language_of(lang, os.environ)),
            passphrase_file=passphrase_file,
            log_n=log_n,
            out=_printer(is_error=False),
            err=_printer(is_error=True),
        )

    officer.register(app)
    tips.register(app)
    exports.register(app)
    extending.register(app)
    endings.register(app)
    assigning.register(app)
    links.register(app)
    openings.register(app)
    figures.register(app)
    withdrawing.register(app)
    legal_hold.register(app)
    handing_over.register(app)
    pages.register(app)
    cards.register(app)
    app.add_typer(alerts.make(), name="alerts")
    app.add_typer(handing_over.make(), name="handoff")
    app.add_typer(roster.make(), name="roster")
    app.add_typer(registry.make(), name="registry")
    app.add_typer(members.make(), name="members")
    app.add_typer(audit.make(), name="audit")
    app.add_typer(recovery.make(), name="recovery")
    app.add_typer(sessions.make(), name="sessions")
    return app


def main() -> None:
    """The entry point."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # a TextIO that is redirected may lack it: suppressed above
    _no_core_dumps()
    make_app()()


def _printer(*, is_error: bool) -> Console:
    console = Console(stderr=is_error, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    return console


def _say(ctx: Any, key: str, **params: object) -> None:
    words = (
        ctx.obj.words if isinstance(ctx.obj, Shell) else words_for(language_of(None, os.environ))
    )
    typer.echo(words.say(key, **params), err=True)


def _no_core_dumps() -> None:
    """A crash must not write keys and words to the disk. Windows has no such limit to set."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
