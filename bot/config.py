"""The configuration: config.toml and `SAISAAT_SECTION__KEY` variables, parsed into frozen objects.

Laws: an unknown or wrong key is an error that names the key, what is wrong and the fix, all of them
at once; no value is ever repeated; paths come out absolute (relative ones start at the file's
folder); the server key and the forget store lie outside the data folder; a platform's secret comes
from a key, a variable or a file of the secrets folder, never from two of them.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from bot import secret_files
from bot.config_errors import ConfigError, Problem, close_to, explain, model_at, sections
from bot.config_rules import contradictions
from bot.config_sections import (
    ENV_PREFIX,
    Agency,
    Alerts,
    AlertsWebhook,
    Centre,
    Config,
    Desk,
    Limits,
    Line,
    RegistryFile,
    Retention,
    RosterFile,
    Secrets,
    Storage,
    Telegram,
    Web,
)

__all__ = [
    "Agency", "Alerts", "Centre", "Config", "ConfigError", "Desk", "Limits", "Line", "Problem",
    "RegistryFile", "Retention", "RosterFile", "Secrets", "Storage", "Telegram", "Web", "load",
]  # fmt: skip


def load(path: Path) -> Config:
    """Read the file at *path* and the environment. Raises ConfigError with every problem found."""
    written = _read(path)
    problems = list(_wrong_variables(os.environ))
    if problems:
        raise ConfigError(problems)
    config = _with_secret_files(_checked(written), written, path.resolve().parent)
    config = _with_webhook_secrets(_with_absolute_paths(config, path.resolve().parent))
    problems = list(contradictions(config))
    if problems:
        raise ConfigError(problems)
    return config


def _checked(written: dict[str, Any]) -> Config:
    problems: list[Problem]
    try:
        return Config(**written)
    except ValidationError as error:
        problems = explain(error.errors(include_input=False, include_url=False), Config)
    raise ConfigError(problems)  # outside the handler: the error keeps no value


def _with_secret_files(config: Config, written: dict[str, Any], folder: Path) -> Config:
    """Add what lies in the secrets folder, checked as if it had been written in the file."""
    secrets = _with_absolute_paths(config, folder).secrets
    added = secret_files.found(secrets.folder, is_credential=secrets.is_credential)
    twice = [place for place in added if reduce(getattr, place, config) is not None]
    if twice:
        raise ConfigError(list(secret_files.given_twice(twice, secrets.folder)))
    if not added:
        return config
    filled = dict(written)
    for place, secret in added.items():
        inner = filled
        for step in place[:-1]:
            inner[step] = dict(inner.get(step, {}))
            inner = inner[step]
        inner[place[-1]] = secret
    return _checked(filled)


def _with_webhook_secrets(config: Config) -> Config:
    """Each webhook of alerts with what its own file of the secrets folder holds."""
    secrets, alerts, found = config.secrets, config.alerts, list[AlertsWebhook]()
    for number, each in enumerate(alerts.webhook, 1):
        where = f"[[alerts.webhook]] {number}"
        if each.secret is not None:
            fix = "Put it into a file of the secrets folder, and name that in secret_file."
            raise ConfigError([Problem(f"{where}: secret", "does not belong here.", fix)])
        secret = secret_files.one(
            secrets.folder,
            each.secret_file,
            f"{where}: secret_file",
            is_credential=secrets.is_credential,
        )
        found.append(each.model_copy(update={"secret": SecretStr(secret)}))
    hooked = alerts.model_copy(update={"webhook": tuple(found)})
    return config.model_copy(update={"alerts": hooked})


def _read(path: Path) -> dict[str, Any]:
    problem: Problem | None = None
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        fix = "Name the file with --config; `saisaat init` writes one."
        problem = Problem(str(path), f"cannot be read ({type(error).__name__}).", fix)
    except UnicodeDecodeError:
        problem = Problem(str(path), "is not written in UTF-8.", "Save it as UTF-8 text.")
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line ([0-9]+), column ([0-9]+)", str(error))
        place = f"line {found[1]}, column {found[2]}" if found else "its end"
        fix = "Look for a missing quote or bracket there, or a key written twice."
        problem = Problem(str(path), f"cannot be understood at {place}.", fix)
    except RecursionError:
        problem = Problem(str(path), "has brackets within brackets beyond all need.", "Close them.")
    raise ConfigError([problem])  # outside the handler: the error keeps no piece of the file


def _wrong_variables(environment: Mapping[str, str]) -> Iterator[Problem]:
    """Find variables that look like ours and are not: a typing error would be ignored silently."""
    for variable in sorted(environment):
        if not variable.upper().startswith(ENV_PREFIX):
            continue
        section, found, key = variable[len(ENV_PREFIX) :].lower().partition("__")
        if not found:  # another program's, unless it names a section
            if section in Config.model_fields:
                fix = f"Set one key at a time: {variable.upper()}__KEY."
                yield Problem(variable, "names a section and no key.", fix)
            continue
        model = model_at(Config, (section,))
        if model is None or section in ("centre", "agency"):
            near = close_to(section, sections(Config))
            fix = f"Did you mean {ENV_PREFIX}{near.upper()}__…?" if near else "Unset it."
            yield Problem(variable, "names no section that a variable can set.", fix)
        elif "__" in key:
            yield from _wrong_inside(variable, (section, *key.split("__")))
        elif key not in model.model_fields:
            near = close_to(key, model.model_fields)
            fix = (
                f"Did you mean {ENV_PREFIX}{section.upper()}__{near.upper()}?"
                if near
                else "Unset it."
            )
            yield Problem(variable, f"names no key of [{section}].", fix)


def _wrong_inside(variable: str, place: tuple[str, ...]) -> Iterator[Problem]:
    """A variable for a key of a section within a section: SAISAAT_ALERTS__EMAIL__HOST."""
    section = ".".join(place[:-1])
    model = model_at(Config, place[:-1])
    if model is None:
        yield Problem(variable, f"names no key of [{place[0]}].", "Unset it.")
    elif place[-1] not in model.model_fields:
        near = close_to(place[-1], model.model_fields)
        name = "__".join((*place[:-1], near or "")).upper()
        fix = f"Did you mean {ENV_PREFIX}{name}?" if near else "Unset it."
        yield Problem(variable, f"names no key of [{section}].", fix)


def _with_absolute_paths(config: Config, folder: Path) -> Config:
    secrets = (folder / config.secrets.folder).absolute()
    desk, storage = config.desk, config.storage
    roster, registry, backup = config.roster, config.registry, config.backup
    return config.model_copy(
        update={
            "secrets": config.secrets.model_copy(
                update={"folder": secrets, "server_key": secrets / config.secrets.server_key}
            ),
            "storage": storage.model_copy(
                update={
                    name: folder / getattr(storage, name) for name in ("url", "blobs", "forget")
                }
            ),
            "roster": roster.model_copy(update={"file": folder / roster.file}),
            "registry": registry.model_copy(update={"file": folder / registry.file}),
            "backup": backup.model_copy(
                update={"folder": None if backup.folder is None else folder / backup.folder}
            ),
            "desk": desk.model_copy(
                update={
                    name: folder / path
                    for name in ("tls_cert", "tls_key")
                    if (path := getattr(desk, name)) is not None
                }
            ),
        }
    )
