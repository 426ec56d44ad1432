"""open: the local pages."""

import typer


def register(app: typer.Typer) -> None:
    pass
