"""What keys that are each right must not say together: where secrets lie, the tree of centres.

Provinces and agencies that ship with the program count as known.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import SecretStr

from bot.config_errors import Problem
from bot.config_sections import TELEGRAM_CLOUD_FILE_MIB, Agency, AlertsEmail, Centre, Config
from handlers.agencies import parse_agencies
from handlers.provinces import parse_provinces
from handlers.shipped import shipped


def contradictions(config: Config) -> Iterator[Problem]:
    """Find every contradiction in *config* (whose paths are absolute already)."""
    yield from _places(config)
    yield from _listening(config)
    yield from _limits(config)
    yield from _retention(config)
    yield from _telegram(config)
    yield from _line(config)
    yield from _alerts(config)
    shipped_parents = {each.id: each.parent for each in parse_agencies(shipped("agencies.toml"))}
    own_parents = {agency.id: agency.parent for agency in config.agencies}
    parents = shipped_parents | own_parents
    yield from _tree("agency", config.agencies, parents)
    yield from _centres(config.centres, frozenset(parents))


def is_inside(path: Path, folder: Path) -> bool:
    """Tell whether *path* lies in *folder* or is it, links followed."""
    return path.resolve().is_relative_to(folder.resolve())


def _places(config: Config) -> Iterator[Problem]:
    storage = config.storage
    kept = (storage.data_folder, storage.blobs)
    move = "Move it out of there: a copy of the data must not hold it."
    if any(is_inside(config.server_key, folder) for folder in kept):
        yield Problem("[secrets] server_key", "lies inside the data folder.", move)
    if any(is_inside(storage.forget, folder) for folder in kept):
        yield Problem("[storage] forget", "lies inside the data folder.", move)
    if is_inside(storage.database, storage.blobs):
        fix = "Give the files a folder of their own."
        yield Problem("[storage] blobs", "is also the folder of the database.", fix)
    if storage.forget.resolve() == config.server_key.resolve():
        yield Problem("[storage] forget", "is the server key file.", "Name another file.")


def _listening(config: Config) -> Iterator[Problem]:
    desk = config.desk
    if config.web.listen == desk.listen:
        fix = "Choose another port."
        yield Problem("[desk] listen", "is the address of the web chat already.", fix)
    if (desk.tls_cert is None) != (desk.tls_key is None):
        missing = "tls_key" if desk.tls_key is None else "tls_cert"
        yield Problem(f"[desk] {missing}", "is missing.", "Give certificate and key, or neither.")
    elif desk.tls_cert is None and not desk.listen.is_loopback:
        yield Problem(
            "[desk] listen", "lets other machines connect without encryption.",
            "Give tls_cert and tls_key, or listen on 127.0.0.1 behind a proxy that encrypts.",
        )  # fmt: skip


def _limits(config: Config) -> Iterator[Problem]:
    limits = config.limits
    files = {"file_mib": limits.file_mib}
    if config.telegram.is_on:
        files["telegram_file_mib"] = limits.telegram_file_mib
    if config.line.is_on:
        files["line_file_mib"] = limits.line_file_mib
    larger = [name for name, mib in files.items() if limits.conversation_mib < mib]
    if larger:
        fix = f"Write at least as much as {', '.join(larger)}."
        yield Problem("[limits] conversation_mib", "is less than one file may have.", fix)
    if limits.longest_lock_minutes < limits.wrong_tries_minutes:
        fix = "Write at least as much as wrong_tries_minutes."
        yield Problem("[limits] longest_lock_minutes", "is less than the first lock.", fix)
    if limits.wrong_tries_brake < limits.wrong_tries_alarm:
        fix = "Write at least as much as wrong_tries_alarm."
        problem = "is less than what raises the alarm: slowed down, guesses might never raise it."
        yield Problem("[limits] wrong_tries_brake", problem, fix)
    if limits.argon2_memory_kib < 8 * limits.argon2_lanes:
        fix = "Write at least 8 for each lane; 19456 is the recommended amount."
        yield Problem("[limits] argon2_memory_kib", "is too small for the lanes.", fix)


def _retention(config: Config) -> Iterator[Problem]:
    retention = config.retention
    if 0 < retention.closed_days <= retention.reopen_days:
        fix = "Write more than reopen_days, or 0 for tips that are never destroyed."
        problem = "is over before a reporter's time to have the tip reopened is."
        yield Problem("[retention] closed_days", problem, fix)


def _telegram(config: Config) -> Iterator[Problem]:
    telegram = config.telegram
    is_meant = telegram.mode == "webhook" or telegram.webhook_secret is not None
    if telegram.token is None and is_meant:
        fix = f"Put the token of @BotFather into {config.secrets.folder / 'telegram-token'}."
        yield Problem("[telegram] token", "is missing, and the section has more than that.", fix)
    if telegram.mode == "webhook":
        if telegram.webhook_secret is None:
            fix = f"Put a long random text into {config.secrets.folder / 'telegram-webhook-secret'}"
            problem = "is missing: anybody could post messages to the webhook."
            yield Problem("[telegram] webhook_secret", problem, f"{fix}, or use polling.")
        if not config.web.public_url.startswith("https://"):
            fix = "Write the https:// address of [web] public_url, or use polling."
            problem = "needs an address that Telegram can reach over https."
            yield Problem("[telegram] mode", problem, fix)
    if telegram.is_cloud and config.limits.telegram_file_mib > TELEGRAM_CLOUD_FILE_MIB:
        fix = (
            f"Write at most {TELEGRAM_CLOUD_FILE_MIB}, or name a Bot API server of your own in "
            "[telegram] api_url."
        )
        problem = "is more than Telegram's own server hands over."
        yield Problem("[limits] telegram_file_mib", problem, fix)


def _line(config: Config) -> Iterator[Problem]:
    line, folder = config.line, config.secrets.folder
    if (line.channel_secret is None) == (line.channel_access_token is None):
        return
    key, name = (
        ("channel_secret", "line-channel-secret")
        if line.channel_secret is None
        else ("channel_access_token", "line-access-token")
    )
    fix = f"Copy it from the LINE Developers console into {folder / name}; or give neither."
    yield Problem(f"[line] {key}", "is missing, and the other secret is there.", fix)


def _alerts(config: Config) -> Iterator[Problem]:
    alerts, folder = config.alerts, config.secrets.folder
    apart = "Make another one for officers: the reporters' bot must know no officer."
    if alerts.telegram_token is not None and _bot_of(alerts.telegram_token) == _bot_of(
        config.telegram.token
    ):
        yield Problem("[alerts] telegram_token", "is of the reporters' bot.", apart)
    for key, own, reporters in (
        ("line_channel_secret", alerts.line_channel_secret, config.line.channel_secret),
        ("line_access_token", alerts.line_access_token, config.line.channel_access_token),
    ):
        if own is not None and own == reporters:
            yield Problem(f"[alerts] {key}", "is of the reporters' LINE account.", apart)
    if (alerts.line_channel_secret is None) != (alerts.line_access_token is None):
        lacks_secret = alerts.line_channel_secret is None
        key = "line_channel_secret" if lacks_secret else "line_access_token"
        name = "alerts-line-channel-secret" if lacks_secret else "alerts-line-access-token"
        fix = f"Copy it from the LINE Developers console into {folder / name}; or give neither."
        yield Problem(f"[alerts] {key}", "is missing, and the other secret is there.", fix)
    yield from _mail(alerts.email)
    known = {centre.id for centre in config.centres}
    for number, hook in enumerate(alerts.webhook, 1):
        if hook.centre not in known:
            fix = "Write the id of a [[centre]] that is there."
            yield Problem(f"[[alerts.webhook]] {number}: centre", "names no [[centre]].", fix)


def _bot_of(token: SecretStr | None) -> str | None:
    """Which bot a token is of: a bot's old and new token differ behind the colon only."""
    return None if token is None else token.get_secret_value().partition(":")[0]


def _mail(email: AlertsEmail) -> Iterator[Problem]:
    if (email.host is None) != (email.sender is None):
        key = "host" if email.host is None else "sender"
        fix = "Give host and sender, or neither."
        yield Problem(f"[alerts.email] {key}", "is missing.", fix)
    if (email.user is None) != (email.password is None):
        key = "user" if email.user is None else "password"
        fix = "Give user and password (file alerts-email-password), or neither."
        yield Problem(f"[alerts.email] {key}", "is missing.", fix)


def _centres(centres: tuple[Centre, ...], agencies: frozenset[str]) -> Iterator[Problem]:
    by_id = {centre.id: centre for centre in centres}
    yield from _tree("centre", centres, {centre.id: centre.parent for centre in centres})
    yield from _one_root(centres)
    yield from _provinces_known(centres)
    yield from _provinces_once(centres)
    yield from _integrity_centres(centres, by_id, agencies)


def _tree(
    table: str, nodes: Sequence[Agency | Centre], parent_of: Mapping[str, str | None]
) -> Iterator[Problem]:
    seen = set[str]()
    for place, node in enumerate(nodes, 1):
        where, name, parent = f"[[{table}]] {place}", node.id, node.parent
        if name in seen:
            fix = "Give each its own."
            yield Problem(f"{where}: id", f"is the id of another [[{table}]] too.", fix)
        seen.add(name)
        if parent is not None and parent not in parent_of:
            fix = f"Write the id of a [[{table}]] that is there."
            yield Problem(f"{where}: parent", f"names no [[{table}]].", fix)
        elif parent is not None and _comes_back(name, parent_of.get):
            fix = "Let the line of parents end at the top."
            yield Problem(f"{where}: parent", "leads back to itself.", fix)


def _comes_back(name: str, parent_of: Callable[[str], str | None]) -> bool:
    passed, here = {name}, parent_of(name)
    while here is not None and here not in passed:
        passed.add(here)
        here = parent_of(here)
    return here == name


def _one_root(centres: tuple[Centre, ...]) -> Iterator[Problem]:
    roots = [place for place, centre in enumerate(centres, 1) if centre.parent is None]
    if not centres:
        fix = "Add at least one [[centre]]."
        yield Problem("[[centre]]", "there is none: no tip could be sent to anybody.", fix)
    for place in roots[1:]:
        yield Problem(
            f"[[centre]] {place}: parent", "is missing, and another centre is at the top already.",
            "Name the centre that this one escalates to.",
        )  # fmt: skip


def _provinces_known(centres: tuple[Centre, ...]) -> Iterator[Problem]:
    provinces = parse_provinces(shipped("provinces.csv"), shipped("regions.csv")).all
    known = {province.id for province in provinces}
    for place, centre in enumerate(centres, 1):
        if not known.issuperset(centre.provinces):
            fix = "Write its ISO 3166-2 code, like TH-40 for Khon Kaen."
            problem = "names a province that does not exist."
            yield Problem(f"[[centre]] {place}: provinces", problem, fix)


def _provinces_once(centres: tuple[Centre, ...]) -> Iterator[Problem]:
    served = set[str]()
    for place, centre in enumerate(centres, 1):
        twice = [code for code, times in Counter(centre.provinces).items() if times > 1]
        if twice:
            fix = "Write each once."
            yield Problem(f"[[centre]] {place}: provinces", "names a province twice.", fix)
        if centre.agency is not None:
            continue
        if served & set(centre.provinces):
            fix = "Give each province to one centre; its parents see it when a clock runs out."
            problem = "names a province that another centre has already."
            yield Problem(f"[[centre]] {place}: provinces", problem, fix)
        served |= set(centre.provinces)


def _integrity_centres(
    centres: tuple[Centre, ...], by_id: Mapping[str, Centre], agencies: frozenset[str]
) -> Iterator[Problem]:
    taken = set[str]()
    for place, centre in enumerate(centres, 1):
        above = by_id.get(centre.parent or "")
        if above is not None and above.agency is not None and centre.agency is None:
            fix = "Name a centre outside every agency: tips must be able to leave the accused."
            problem = "is the integrity centre of an agency."
            yield Problem(f"[[centre]] {place}: parent", problem, fix)
        if centre.agency is None:
            continue
        if centre.parent is None:
            fix = "Name a centre outside the agency: tips about the agency itself go there."
            yield Problem(f"[[centre]] {place}: parent", "is missing.", fix)
        if centre.agency not in agencies:
            fix = "Add an [[agency]] with this id, or write the id of one that is known."
            yield Problem(f"[[centre]] {place}: agency", "names no [[agency]].", fix)
        if centre.agency in taken:
            fix = "Let each agency have one."
            yield Problem(f"[[centre]] {place}: agency", "has an integrity centre already.", fix)
        taken.add(centre.agency)
