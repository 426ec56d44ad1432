"""What the docs claim holds: figures are computed from the code, promises name tests that exist.

A figure is written as **12**<!-- figure: name -->. A promise is a row of a table whose last
header says Test: its last cell names one or more tests as `path::function`.
"""

import ast
import configparser
import math
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from bot.campaigning import CampaignRules
from bot.channels.web.body import Patience
from bot.channels.web.serving import CONNECTIONS_AT_MOST
from bot.channels.web.session import new_session
from bot.cli import app as server
from bot.config import Limits, Line, Retention
from bot.config_sections import Backup, Clocks, Desk, Figures
from bot.evidence import EvidenceRules
from bot.figures.publishing import FigureRules
from bot.secret_files import SECRET_FILES
from bot.stretch import StretchRules
from bot.throttle import Throttle, ThrottleRules
from cleaning import CleaningRules
from cleaning.orders import Limits as CleaningLimits
from console.cli import make_app
from console.pages.sections import SECTIONS
from console.previews.orders import Orders
from console.previews.passing import ONE_BY_ONE
from console.words import LANGUAGES
from handlers.book import load_book
from sealing import REKEYS_AT_MOST, bucket, padme
from sealing.digits import CROCKFORD
from sealing.member_codes import SECRET_LETTERS
from sealing.receipts import DIGITS
from tests.bot.fake_clock import FakeClock

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
FIGURE = re.compile(r"\*\*([^*]+)\*\*<!-- figure: (\w+) -->")
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


def receipt_odds_exponent(tips: int) -> int:
    """One guess finds one of *tips* once in 10^this."""
    return (DIGITS - 1) - round(math.log10(tips))


def guesses_a_year() -> float:
    """The most tries that anybody gets: each window lets the brake's bound through at once, and
    its pace besides."""
    limits = Limits()
    windows = 365 * 24 * 60 / limits.wrong_tries_minutes
    each = limits.wrong_tries_brake + limits.wrong_tries_minutes * limits.braked_look_ups
    return windows * each


CODES_OF_AN_ALIAS = 2  # the ordinary one and the one for duress
MEMBER_ODDS = 2 ** (SECRET_LETTERS * 5) / CODES_OF_AN_ALIAS
RECEIPT_ODDS_AT_MILLION = 10 ** (DIGITS - 1) / 10**6
DAY_S = 24 * 3600.0


def tries_by_day(days: int) -> list[int]:
    """How many wrong codes one conversation gets in each of its first *days*, if it tries on."""
    clock = FakeClock()
    rules = ThrottleRules(
        Limits().wrong_tries,
        Limits().wrong_tries_minutes * 60,
        Limits().wrong_tries_minutes * 60,
        Limits().longest_lock_minutes * 60,
    )
    throttle, tries = Throttle(clock, rules), [0] * days
    for minute in range(days * 24 * 60):
        while not throttle.is_locked(b"guesser"):
            throttle.wrong(b"guesser")
            tries[minute // (24 * 60)] += 1
        clock.advance(60)
    return tries


FIGURES = {
    "public_k": FigureRules().k,
    "tries_first_day": tries_by_day(1)[0],
    "tries_later_day": max(tries_by_day(6)[2:]),
    "receipt_hours": Retention().receipt_hours,
    "answer_days": Retention().answer_days,
    "closed_days": Retention().closed_days,
    "closed_fuzz_days": Retention().closed_fuzz_days,
    "closed_notice_days": Retention().closed_notice_days,
    "reopen_days": Retention().reopen_days,
    "reopen_times": Retention().reopen_times,
    "preview_mib": Orders().memory_bytes // 2**20,
    "passing_mib": ONE_BY_ONE.input_bytes // 2**20,
    "preview_s": round(Orders().at_most_s),
    "preview_at_once": Orders().at_once,
    "preview_drawn": Orders().drawn_pages,
    "preview_pages": Orders().pages,
    "alarm_tries": Limits().wrong_tries_alarm,
    "restore_told_days": Backup().restore_told_days,
    "alarm_days": Limits().wrong_tries_alarm_days,
    "check_letters": len(CROCKFORD),
    "draft_days": Retention().draft_days,
    "truncate_minutes": Retention().log_truncate_minutes,
    "seen_days": Retention().seen_days,
    "notice_days": Retention().notice_days,
    "subscription_days": Retention().subscription_days,
    "campaign_lines": str(CampaignRules({}).lines_at_most),
    "notices_at_most": load_book().limits.notices_at_most,
    "session_bits": len(new_session()) * 6,
    "bucket_1_kib": bucket(1) // 1024,
    "bucket_2_kib": bucket(bucket(1) + 1) // 1024,
    "bucket_3_kib": bucket(bucket(bucket(1) + 1) + 1) // 1024,
    "padme_percent": math.ceil(max(padme(n) / n for n in range(2, 70_000)) * 100 - 100),
    "receipt_digits": DIGITS,
    "receipt_bits": math.floor((DIGITS - 1) * math.log2(10)),
    "receipt_odds_at_million": receipt_odds_exponent(10**6),
    "wrong_tries": Limits().wrong_tries,
    "wrong_tries_minutes": Limits().wrong_tries_minutes,
    "argon2_mib": Limits().argon2_memory_kib // 1024,
    "argon2_time": Limits().argon2_time,
    "brake_wrong_tries": Limits().wrong_tries_brake,
    "braked_a_minute": Limits().braked_look_ups,
    "braked_wait_seconds": round(StretchRules().braked_wait_s),
    "guesses_a_year_millions": math.ceil(guesses_a_year() / 10**6),
    "member_odds_bits": round(math.log2(MEMBER_ODDS)),
    "member_year_exponent": math.floor(math.log10(MEMBER_ODDS / guesses_a_year())),
    "receipt_year_exponent": math.floor(math.log10(RECEIPT_ODDS_AT_MILLION / guesses_a_year())),
    "stretch_queue": Limits().stretch_queue,
    "member_bits": SECRET_LETTERS * 5,
    "web_connections": CONNECTIONS_AT_MOST,
    "files_at_once": EvidenceRules().at_once,
    "files_at_once_each": EvidenceRules().at_once_each,
    "clean_mib": Limits().clean_mib,
    "cleaners": Limits().cleaners,
    "clean_pages": CleaningLimits().pages,
    "clean_megapixels": CleaningLimits().pixels // 10**6,
    "clean_wait_seconds": round(CleaningRules().wait_s),
    "clean_seconds": round(CleaningRules().at_most_s),
    "upload_minutes": round(Patience().whole_s / 60),
    "line_unsend_hours": Line().unsend_hours,
    "push_reserve": Line().push_reserve,
    "telegram_file_mib": Limits().telegram_file_mib,
    "wipe_hours": Retention().wipe_hours,
    "acknowledge_days": Clocks().acknowledge_days,
    "screening_days": Clocks().screening_days,
    "internal_k": Figures().internal_k,
    "feedback_days": Clocks().feedback_days,
    "escalate_again_days": Clocks().escalate_again_days,
    "longest_extension_days": Clocks().longest_extension_days,
    **{
        name: Desk.model_fields[name].default
        for name in (
            "session_minutes",
            "idle_minutes",
            "sign_in_tries",
            "sign_in_tries_minutes",
            "sign_in_wait_seconds",
        )
    },
    "rekeys_at_most": REKEYS_AT_MOST,
}


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def figures() -> list[tuple[str, str, str]]:
    return [
        (named(page), name, said)
        for page in PAGES
        for said, name in FIGURE.findall(page.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("page", "name", "said"), figures())
def test_a_figure_in_the_docs_is_what_the_code_computes(page: str, name: str, said: str) -> None:
    assert said == str(FIGURES[name])


def test_every_figure_that_is_computed_is_said_somewhere() -> None:
    assert {name for _, name, _ in figures()} == set(FIGURES)


def promises(page: Path) -> list[tuple[str, str]]:
    """Each (promise, test cell) of the tables of *page* whose last column is the test."""
    found, is_promises = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            is_promises = False
        elif cells[-1].startswith("Test"):
            is_promises = True
        elif is_promises and not set(cells[-1]) <= set("-: "):
            found.append((cells[0], cells[-1]))
    return found


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


@pytest.mark.parametrize("page", ["README.md", "docs/limits.md"])
def test_every_promise_names_a_test_that_exists(page: str) -> None:
    rows = promises(ROOT / page)
    assert rows, "a page of promises without one"
    for promise, cell in rows:
        tests = TEST.findall(cell)
        assert tests, f"no test is named for: {promise}"
        for path, function in tests:
            assert (ROOT / path).is_file(), f"{path} is not there"
            assert function in functions(ROOT / path), f"{path} has no {function}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{target} is not there"


def test_every_secret_file_is_named_where_an_operator_makes_it_and_no_other() -> None:
    for channel in ("line", "telegram", "alerts"):
        text = (ROOT / "docs" / f"operate-{channel}.md").read_text(encoding="utf-8")
        made = set(re.findall(r"(?:cat|chown \w+|>) /etc/saisaat/secrets/([a-z-]+)$", text, re.M))
        wanted = {name for (section, *_), name in SECRET_FILES.items() if section == channel}
        assert {name for name in made if not name.endswith("-")} - wanted == set()
        assert wanted <= set(re.findall(r"[a-z-]+", text))


@pytest.mark.parametrize("channel", ["line", "telegram", "alerts"])
def test_both_languages_of_an_operators_page_have_the_same_steps(channel: str) -> None:
    text = (ROOT / "docs" / f"operate-{channel}.md").read_text(encoding="utf-8")
    thai, english = text.split("\n## ภาษาไทย\n")[1].split("\n## English\n")

    def shape(part: str) -> list[str]:
        headings = re.findall(r"^### (\d?)", part, re.M)
        return [
            *headings,
            *re.findall(r"^(?:saisaat|umask|cat|chown|python3|apt-get) .*$", part, re.M),
        ]

    assert shape(thai) == shape(english)
    assert thai.count("\n| ") == english.count("\n| ")


def test_both_languages_of_the_page_on_backups_have_the_same_steps() -> None:
    text = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")
    thai, english = text.split("\n## ภาษาไทย\n")[1].split("\n## English\n")

    def shape(part: str) -> list[str]:
        return [
            *re.findall(r"^### (\d)", part, re.MULTILINE),
            *re.findall(r"^(?:saisaat|cp|systemctl|rm).*$", part, re.MULTILINE),
            *re.findall(r"`(saisaat[^`]*)`", part),
        ]

    assert shape(thai) == shape(english)
    assert thai.count("\n| ") == english.count("\n| ")
    programs = {"saisaat": get_command(server), "saisaat-console": get_command(make_app())}
    for typed in re.findall(r"^saisaat.*$|(?<=`)saisaat[^`]*(?=`)", english, re.MULTILINE):
        first, *words = shlex.split(typed)
        found: object = programs[first]
        for word in words:
            if not isinstance(found, TyperGroup) or word not in found.commands:
                break
            found = found.commands[word]
        assert isinstance(found, TyperCommand | TyperGroup)
        assert found is not programs[first], typed
        assert {word for word in words if word.startswith("--")} <= options_of(found), typed


def test_the_units_of_the_backup_run_a_command_that_is_there() -> None:
    units = {}
    for name in ("saisaat.service", "saisaat-backup.service", "saisaat-backup.timer"):
        units[name] = configparser.ConfigParser(strict=True, interpolation=None)
        units[name].optionxform = str  # type: ignore[assignment, method-assign]  # keys are as they are written
        units[name].read_string((ROOT / "deploy" / name).read_text(encoding="utf-8"))
    backup = units["saisaat-backup.service"]["Service"]
    _, command, *words = shlex.split(backup["ExecStart"])
    found = get_command(server).commands[command]  # type: ignore[attr-defined]  # it is a group
    assert {word for word in words if word.startswith("--")} <= options_of(found)
    serve = units["saisaat.service"]["Service"]
    assert backup["User"] == serve["User"]
    shut_in = {key for key in serve if key.startswith(("Protect", "Private", "Restrict", "No"))}
    assert shut_in - {"RestrictAddressFamilies"} <= set(backup)
    assert "/srv/saisaat-backups" in backup["ReadWritePaths"]
    assert units["saisaat-backup.timer"]["Timer"]["Persistent"] == "yes"


GUIDES = {language: ROOT / "docs" / "officer-guide" / f"{language}.md" for language in LANGUAGES}
LABEL = re.compile(r"“([^”]+)”")
TYPED = re.compile(r"(?:^ *|`)(saisaat-console [^`\n]+)", re.MULTILINE)
PICTURE = re.compile(r"!\[[^]]+\]\(([^)]+)\)")


def guide(language: str) -> str:
    return GUIDES[language].read_text(encoding="utf-8")


def on_screen(language: str) -> set[str]:
    """All that the console says in *language*, with … for what it fills in, and the titles of the
    prepared words."""
    text = (ROOT / "console" / "words" / f"{language}.toml").read_text(encoding="utf-8")
    prepared = (ROOT / "console" / "data" / "templates.toml").read_text(encoding="utf-8")
    many = (re.sub(r"\{\w+:[^|}]*\|([^}]*)\}", r"\1", each) for each in said(tomllib.loads(text)))
    templates = tomllib.loads(prepared)["template"]
    titles = {one["title"] for one in templates if one["language"] == language}
    return {re.sub(r"\{\w+\}", "…", each) for each in many} | titles


def said(words: dict[str, object]) -> Iterator[str]:
    for each in words.values():
        if isinstance(each, dict):
            yield from said(each)
        else:
            yield str(each)


def command_of(typed: str) -> tuple[TyperCommand, str]:
    """The console's command that *typed* runs, and its name. Raises KeyError: there is none."""
    found, name = get_command(make_app()), ""
    for word in shlex.split(typed)[1:]:
        if not isinstance(found, TyperGroup):
            break
        found, name = found.commands[word], f"{name} {word}"
    assert isinstance(found, TyperCommand), f"{typed}: one of its commands, please"
    return found, name


def options_of(command: TyperCommand | TyperGroup) -> set[str]:
    return {name for each in command.params for name in each.opts}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_that_the_guide_quotes_is_on_the_screen(language: str) -> None:
    labels = LABEL.findall(guide(language))
    assert labels
    assert sorted(set(labels) - on_screen(language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_that_the_guide_names_is_there(language: str) -> None:
    typed = TYPED.findall(guide(language))
    assert typed
    for line in typed:
        command, _ = command_of(line)
        assert {word for word in line.split() if word.startswith("--")} <= options_of(command), line


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_leads_to_pages_by_their_keys(language: str) -> None:
    text = (ROOT / "console" / "words" / f"{language}.toml").read_text(encoding="utf-8")
    words = tomllib.loads(text)["section"]
    (row,) = (line for line in guide(language).splitlines() if line.startswith("| `g`"))
    keys = re.findall(r"`(\w)`", row)[1:]
    named = {section.key: words[section.name] for section in SECTIONS}
    assert [named[key] for key in keys] == LABEL.findall(row)


def test_both_languages_of_the_guide_have_the_same_parts() -> None:
    def shape(language: str) -> list[object]:
        text = guide(language)
        pictures = [name.replace("-english", "") for name in PICTURE.findall(text)]
        commands = [command_of(line)[1] for line in TYPED.findall(text)]
        figures = [name for _, name in FIGURE.findall(text)]
        rows = [line.count("|") for line in text.splitlines() if line.startswith("|")]
        return [re.findall(r"^## (\d*)", text, re.MULTILINE), pictures, commands, figures, rows]

    thai, english = (shape(language) for language in LANGUAGES)
    assert thai == english
    assert len(thai[1]) > 5  # type: ignore[arg-type]  # a list of names


def test_pictures_are_light_enough_for_a_slow_line() -> None:
    heavy = [
        named(path) for path in (ROOT / "docs").rglob("*.png") if path.stat().st_size > 400_000
    ]
    assert heavy == []
