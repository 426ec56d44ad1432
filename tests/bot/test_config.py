"""The configuration: what is wrong is named with key and cure, all at once, values unsaid."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from bot.config import Config, ConfigError, load
from bot.config_errors import model_at
from bot.config_sections import Agency, Centre
from bot.config_values import Listen
from sealing.openings import Opens
from sealing.stretch import Cost

ROOT = Path(__file__).parent.parent.parent
CANARY = "canary-5f2b-secret"
ADMIN = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"  # RFC 8032, test 1
ONION = "http://duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion"
TOKEN = "1234567890:canary-bot-token"
OFFICERS = "2234567890:canary-officers-token"
HOOK = "canary-webhook-secret"
SECRET = "canary0channel0secret0000000000"
ACCESS = "canary/channel+access=token"

GOOD = f"""
[web]
listen = "127.0.0.1:8080"
public_url = "https://chat.example.go.th"
onion_url = "{ONION}"
[desk]
listen = "127.0.0.1:8081"
public_url = "https://desk.example.go.th"
tls_cert = "tls/desk.pem"
tls_key = "tls/desk.key"
session_minutes = 60
[telegram]
token = "{TOKEN}"
mode = "webhook"
api_url = "https://api.telegram.org"
webhook_secret = "{HOOK}"
[line]
channel_secret = "{SECRET}"
channel_access_token = "{ACCESS}"
api_url = "https://api.line.me"
data_api_url = "https://api-data.line.me"
unsend_hours = 1
push_reserve = 20
[storage]
url = "sqlite:///data/saisaat.db"
blobs = "data/blobs"
forget = "forget/keys"
[secrets]
folder = "secrets"
server_key = "server.key"
[roster]
file = "roster.toml"
admin_key = "{ADMIN}"
warn_days = 30
[limits]
text_kib = 60
wrong_tries = 5
wrong_tries_minutes = 15
longest_lock_minutes = 1440
file_mib = 50
telegram_file_mib = 20
line_file_mib = 200
fetch_minutes = 15
conversation_mib = 200
argon2_memory_kib = 19456
[retention]
receipt_hours = 24
log_truncate_minutes = 60
draft_days = 7
notice_days = 180
wipe_hours = 48
[alerts]
telegram_token = "{OFFICERS}"
line_channel_secret = "canary1officers1secret"
line_access_token = "canary/officers/token"
quiet = "20:00-07:00"
quiet_days = ["sat", "sun"]
remind_days = 2
[alerts.email]
host = "mail.example.go.th"
port = 587
tls = "starttls"
sender = "alerts@example.go.th"
user = "alerts"
password = "canary password"
[[agency]]
id = "ministry"
name_th = "กระทรวง"
name_en = "Ministry"
[[agency]]
id = "department"
parent = "ministry"
name_th = "กรม"
name_en = "Department"
aliases = ["ก.", "D."]
[[centre]]
id = "region-4"
name_th = "เขต 4"
name_en = "Region 4"
[[centre]]
id = "khon-kaen"
parent = "region-4"
provinces = ["TH-40"]
name_th = "ขอนแก่น"
name_en = "Khon Kaen"
acknowledge_days = 7
[[centre]]
id = "inside"
parent = "region-4"
agency = "department"
name_th = "ศูนย์ในกรม"
name_en = "Inside"
"""


def loaded(tmp_path: Path, text: str = GOOD) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def problems(tmp_path: Path, text: str) -> dict[str, str]:
    """The problems of *text*: key → problem and fix."""
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    assert caught.value.__context__ is None, "the error would carry the value along"
    return {each.key: f"{each.problem} {each.fix}" for each in caught.value.problems}


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) >= 1, f"{old} is not in the sample"
    return GOOD.replace(old, new, 1)


def test_the_sample_of_every_key_is_good(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    assert config.web.listen == Listen("127.0.0.1", 8080)
    assert str(config.web.listen) == "127.0.0.1:8080"
    assert config.web.onion_url == ONION
    assert config.storage.database == tmp_path / "data" / "saisaat.db"
    assert config.storage.blobs == tmp_path / "data" / "blobs"
    assert config.storage.forget == tmp_path / "forget" / "keys"
    assert config.server_key == tmp_path / "secrets" / "server.key"
    assert config.desk.tls_cert == tmp_path / "tls" / "desk.pem"
    assert config.roster.admin_key is not None
    assert str(config.roster.admin_key) == ADMIN
    assert config.limits.file_bytes == 50 * 1024 * 1024
    assert config.limits.text_bytes == 60 * 1024
    assert config.limits.stretch_cost == Cost(19456, 2, 1)
    assert config.telegram.is_on
    assert config.telegram.mode == "webhook"
    assert config.telegram.token == SecretStr(TOKEN)
    assert config.telegram.webhook_secret == SecretStr(HOOK)
    assert config.line.is_on
    assert config.line.channel_secret == SecretStr(SECRET)
    assert config.line.channel_access_token == SecretStr(ACCESS)
    assert config.limits.telegram_file_bytes == 20 * 1024 * 1024
    assert config.limits.line_file_bytes == 200 * 1024 * 1024
    assert [centre.id for centre in config.centres] == ["region-4", "khon-kaen", "inside"]
    assert config.agencies[1].aliases == ("ก.", "D.")


def test_the_example_is_good_and_documents_every_key_with_its_default() -> None:
    path = ROOT / "config.example.toml"
    config = load(path)
    text = path.read_text(encoding="utf-8")
    shown = re.sub(r"^# ((?:[a-z_]+ = |\[\[[a-z.]+\]\]$))", r"\1", text, flags=re.M)
    written = tomllib.loads(shown)
    for name in Config.model_fields:
        section: Any = getattr(config, name)
        if isinstance(section, tuple):
            model = Agency if name == "agency" else Centre
            used = set[str]().union(*(set(each) for each in written[name]))
            assert used == set(model.model_fields), f"[[{name}]]"
            continue
        is_documented(written[name], type(section), name)


def is_documented(written: dict[str, Any], model: type[BaseModel], name: str) -> None:
    fields = {key: field for key, field in model.model_fields.items() if not field.exclude}
    assert set(written) == set(fields), f"[{name}]"
    for key, field in fields.items():
        inner = model_at(model, (key,))
        if isinstance(written[key], list) and inner is not None:
            is_documented(written[key][0], inner, f"[{name}.{key}]")
        elif inner is not None:
            is_documented(written[key], inner, f"{name}.{key}")
        elif isinstance(field.default, int):
            assert written[key] == field.default, f"[{name}] {key}"


def test_the_example_is_region_4_under_headquarters_with_twelve_provinces_and_one_agency() -> None:
    centres = load(ROOT / "config.example.toml").centres
    provinces = [code for centre in centres for code in centre.provinces]
    assert len(provinces) == len(set(provinces)) == 12
    assert sum(centre.parent == "region-4" and not centre.agency for centre in centres) == 12
    assert [centre.id for centre in centres if centre.agency] == ["intellectual-property-integrity"]
    assert [centre.id for centre in centres if centre.parent is None] == ["headquarters"]
    assert [c.id for c in centres if c.parent == "headquarters"] == ["region-4"]


# (a line; what is written instead; the key that is named; a piece of its problem or fix)
DB = 'url = "sqlite:///data/saisaat.db"'
LOCK = "longest_lock_minutes = 1440"
NAME = 'name_th = "เขต 4"'
DESK_KEY = 'tls_key = "tls/desk.key"'
UNDER = 'parent = "region-4"\nprovinces'
WRONG = [
    ('listen = "127.0.0.1:8080"', 'listn = "127.0.0.1:8080"', "[web] listn", "Did you mean listen"),
    ('listen = "127.0.0.1:8080"', 'listn = "127.0.0.1:8080"', "[web] listen", "is missing"),
    ('listen = "127.0.0.1:8080"', 'listen = "127.0.0.1"', "[web] listen", "port"),
    ('listen = "127.0.0.1:8080"', 'listen = "127.0.0.1:99999"', "[web] listen", "port"),
    ('listen = "127.0.0.1:8080"', 'listen = "127.0.0.1:0"', "[web] listen", "port"),
    ('listen = "127.0.0.1:8080"', 'listen = "127.0.0.1:๘๐"', "[web] listen", "port"),
    ('listen = "127.0.0.1:8080"', 'listen = "300.0.0.1:80"', "[web] listen", "not an address"),
    ('listen = "127.0.0.1:8080"', 'listen = "web:80"', "[web] listen", "127.0.0.1:8080"),
    ('listen = "127.0.0.1:8080"', "listen = 8080", "[web] listen", "not a text"),
    ('listen = "127.0.0.1:8081"', 'listen = "127.0.0.1:8080"', "[desk] listen", "another port"),
    ("https://chat.example.go.th", "http://chat.example.go.th", "[web] public_url", "https://"),
    (f'"{OFFICERS}"', f'"{TOKEN}"', "[alerts] telegram_token", "the reporters' bot"),
    (f'"{OFFICERS}"', '"1234567890:another-canary"', "[alerts] telegram_token", "another one"),
    ("canary1officers1secret", SECRET, "[alerts] line_channel_secret", "reporters' LINE"),
    ("canary/officers/token", ACCESS, "[alerts] line_access_token", "reporters' LINE"),
    ('line_access_token = "canary/officers/token"\n', "", "[alerts] line_access_token", "missing"),
    ('"20:00-07:00"', '"20:10-07:00"', "[alerts] quiet", "quarters"),
    ('"20:00-07:00"', '"24:00-07:00"', "[alerts] quiet", "quarters"),
    ('["sat", "sun"]', '["saturday"]', "[alerts] quiet_days.number 1", "mon, tue"),
    ('tls = "starttls"', 'tls = "none"', "[alerts] email.tls", "starttls"),
    ('host = "mail.example.go.th"', "", "[alerts.email] host", "missing"),
    ('host = "mail.example.go.th"', 'host = "a b"', "[alerts] email.host", "name of a machine"),
    ('"alerts@example.go.th"', '"a@b, c@d"', "[alerts] email.sender", "address"),
    ('password = "canary password"\n', "", "[alerts.email] password", "missing"),
    ("remind_days = 2", "remind_day = 2", "[alerts] remind_day", "Did you mean remind_days"),
    ("port = 587", "prot = 587", "[alerts] email.prot", "Did you mean port"),
    ("https://chat.example.go.th", "chat.example.go.th", "[web] public_url", "not the address"),
    ("https://chat.example.go.th", "https://", "[web] public_url", "not the address"),
    ("https://chat.example.go.th", "ftp://chat.example", "[web] public_url", "begin with https"),
    ("https://chat.example.go.th", "https://u:p@chat.go.th", "[web] public_url", "password"),
    ("https://chat.example.go.th", "https://chat.go.th/x?y", "[web] public_url", "after the name"),
    ("https://chat.example.go.th", "https://chat.go.th:x", "[web] public_url", "not the address"),
    ("https://chat.example.go.th", "https://[::1", "[web] public_url", "not the address"),
    ("https://chat.example.go.th", "https://a b.go.th", "[web] public_url", "not the address"),
    (ONION, ONION.replace("duck", "dark", 1), "[web] onion_url", "mistyped"),
    (ONION, "https://chat.example.go.th", "[web] onion_url", "not an onion address"),
    (DB, 'url = "postgresql://u:p@h/d"', "[storage] url", "PostgreSQL comes with a later"),
    (DB, 'url = "postgresql+psycopg://h/d"', "[storage] url", "later"),
    (DB, 'url = "mysql://h/d"', "[storage] url", "sqlite:///"),
    (DB, 'url = "data/saisaat.db"', "[storage] url", "sqlite:///"),
    (DB, 'url = "sqlite:///"', "[storage] url", "database file"),
    (DB, 'url = "sqlite:///:memory:"', "[storage] url", "forget"),
    (DB, 'url = "sqlite:///d.db?x=1"', "[storage] url", "file"),
    ('blobs = "data/blobs"', 'blobs = "s3://bucket"', "[storage] blobs", "S3 storage comes with"),
    ('blobs = "data/blobs"', 'blobs = "data"', "[storage] blobs", "folder of their own"),
    ('forget = "forget/keys"', 'forget = "data/keys"', "[storage] forget", "the data folder"),
    ('forget = "forget/keys"', 'forget = "data/blobs/k"', "[storage] forget", "inside the data"),
    ('forget = "forget/keys"', 'forget = "secrets/server.key"', "[storage] forget", "server key"),
    ('folder = "secrets"', 'folder = "data/secrets"', "[secrets] server_key", "the data folder"),
    ('folder = "secrets"', 'folder = "x/../data"', "[secrets] server_key", "the data folder"),
    ('folder = "secrets"', "folder = ''", "[secrets] folder", "empty"),
    (ADMIN, ADMIN[:-1], "[roster] admin_key", "64 hex digits"),
    (ADMIN, "0" * 64, "[roster] admin_key", "64 hex digits"),
    ("warn_days = 30", "warn_days = 0", "[roster] warn_days", "too small. Write a whole number"),
    ("wrong_tries = 5", "wrong_tries = 500", "[limits] wrong_tries", "too large"),
    ("wrong_tries = 5", 'wrong_tries = "five"', "[limits] wrong_tries", "not a whole number"),
    ("wrong_tries = 5", "wrong_tries = 5.5", "[limits] wrong_tries", "not a whole number"),
    ("wrong_tries = 5", "wrong_tries = true", "[limits] wrong_tries", "not a whole number"),
    ("wrong_tries = 5", "wrong_tries = [5]", "[limits] wrong_tries", "not a whole number"),
    ("wrong_tries = 5", "wrong_trys = 5", "[limits] wrong_trys", "Did you mean wrong_tries"),
    ("wrong_tries = 5", "draft_days = 5", "[limits] draft_days", "Move it to [retention]"),
    ("wrong_tries = 5", "zzz = 5", "[limits] zzz", "or use one of: argon2_lanes,"),
    ("conversation_mib = 200", "conversation_mib = 20", "[limits] conversation_mib", "file_mib"),
    (LOCK, f"{LOCK}\nwrong_tries_brake = 199", "[limits] wrong_tries_brake", "wrong_tries_alarm"),
    (LOCK, "longest_lock_minutes = 5", "[limits] longest_lock_minutes", "wrong_tries_minutes"),
    ("memory_kib = 19456", "memory_kib = 8\nargon2_lanes = 2", "[limits] argon2_memory_kib", "lan"),
    ("receipt_hours = 24", "receipt_hours = 25", "[retention] receipt_hours", "from 1 to 24"),
    ("notice_days = 180", "notice_days = 731", "[retention] notice_days", "too large"),
    ("notice_days = 180", "notice_days = 0", "[retention] notice_days", "too small"),
    ("notice_days = 180", "closed_days = -1", "[retention] closed_days", "too small"),
    ("notice_days = 180", "closed_days = 30", "[retention] closed_days", "reopen_days"),
    ("notice_days = 180", "closed_notice_days = 0", "[retention] closed_notice_days", "small"),
    ("minutes = 60\ndraft", "minutes = 61\ndraft", "[retention] log_truncate_minutes", "1 to 60"),
    ("[limits]", "[limit]", "limit", "Did you mean limits"),
    ("[telegram]", "[telegam]", "telegam", "Did you mean telegram"),
    (TOKEN, "canary", "[telegram] token", "@BotFather"),
    (TOKEN, "", "[telegram] token", "secrets/telegram-token"),
    ('mode = "webhook"', 'mode = "hook"', "[telegram] mode", 'Write "polling" or "webhook"'),
    (HOOK, "short", "[telegram] webhook_secret", "16 to 256"),
    (HOOK, "white space canary text", "[telegram] webhook_secret", "token_urlsafe"),
    (f'webhook_secret = "{HOOK}"', "", "[telegram] webhook_secret", "or use polling"),
    ("https://chat.example.go.th", "http://localhost:8080", "[telegram] mode", "over https"),
    ("https://api.telegram.org", "http://api.telegram.org", "[telegram] api_url", "not encrypted"),
    ("telegram_file_mib = 20", "telegram_file_mib = 21", "[limits] telegram_file_mib", "api_url"),
    ("telegram_file_mib = 20", "telegram_file_mib = 0", "[limits] telegram_file_mib", "small"),
    (SECRET, "", "[line] channel_secret", "secrets/line-channel-secret"),
    (ACCESS, "", "[line] channel_access_token", "secrets/line-access-token"),
    (ACCESS, "white space", "[line] channel_access_token", "without spaces"),
    ("https://api.line.me", "ftp://api.line.me", "[line] api_url", "begin with https"),
    ("https://api-data.line.me", "https://a/b", "[line] data_api_url", "after the name"),
    ("unsend_hours = 1", "unsend_hours = 169", "[line] unsend_hours", "from 1 to 168"),
    ("push_reserve = 20", "push_reserve = -1", "[line] push_reserve", "too small"),
    ("fetch_minutes = 15", "fetch_minutes = 0", "[limits] fetch_minutes", "too small"),
    ("wipe_hours = 48", "wipe_hours = 49", "[retention] wipe_hours", "from 1 to 48"),
    ("[web]", "web = 3\n[webb]", "web", "a section"),
    ('tls_key = "tls/desk.key"', "", "[desk] tls_key", "or neither"),
    (DESK_KEY, DESK_KEY + "\nsecond_officer = 2", "[desk] second_officer", "no list"),
    (DESK_KEY, DESK_KEY + '\nsecond_officer = ["notes"]', "[desk] second_officer", '"original"'),
    ('id = "khon-kaen"', 'id = "region-4"', "[[centre]] 2: id", "id of another"),
    ('id = "khon-kaen"', 'id = "ขอนแก่น"', "[[centre]] 2: id", "small Latin letters"),
    ('id = "khon-kaen"', 'idd = "khon-kaen"', "[[centre]] 2: idd", "Did you mean id"),
    ('provinces = ["TH-40"]', 'provinces = ["KKN"]', "[[centre]] 2: provinces.number 1", "TH-40"),
    ('provinces = ["TH-40"]', 'provinces = ["TH-99"]', "[[centre]] 2: provinces", "not exist"),
    ('provinces = ["TH-40"]', 'provinces = "TH-40"', "[[centre]] 2: provinces", "a list"),
    ('provinces = ["TH-40"]', 'provinces = ["TH-40", "TH-40"]', "[[centre]] 2: provinces", "once"),
    (NAME, NAME + '\nprovinces = ["TH-40"]', "[[centre]] 2: provinces", "another centre has"),
    ('parent = "region-4"', 'parent = "region-5"', "[[centre]] 2: parent", "names no [[centre]]"),
    ('parent = "region-4"', 'parent = "khon-kaen"', "[[centre]] 2: parent", "back to itself"),
    ('parent = "region-4"', "", "[[centre]] 2: parent", "at the top already"),
    (UNDER, UNDER.replace("region-4", "inside"), "[[centre]] 2: parent", "outside every agency"),
    ('agency = "department"', 'agency = "other"', "[[centre]] 3: agency", "names no [[agency]]"),
    ('name_en = "Khon Kaen"', 'name_en = "a\\nb"', "[[centre]] 2: name_en", "line break"),
    ('name_en = "Khon Kaen"', "name_en = ' '", "[[centre]] 2: name_en", "empty"),
    ("acknowledge_days = 7", "acknowledge_days = 0", "[[centre]] 2: acknowledge_days", "small"),
    ('parent = "ministry"', 'parent = "department"', "[[agency]] 2: parent", "back to itself"),
    ('parent = "ministry"', 'parent = "nowhere"', "[[agency]] 2: parent", "names no [[agency]]"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "says"), WRONG)
def test_a_wrong_key_or_value_is_named_with_its_problem_and_the_fix(
    old: str, new: str, key: str, says: str, tmp_path: Path
) -> None:
    found = problems(tmp_path, changed(old, new))
    assert key in found, found
    assert says in found[key]


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    text = changed("wrong_tries = 5", "wrong_tries = 0").replace("[desk]\nlisten", "[desk]\nlistn")
    text = text.replace("receipt_hours = 24", "receipt_hours = 99").replace('"TH-40"', '"x"')
    assert set(problems(tmp_path, text)) == {
        "[limits] wrong_tries", "[desk] listn", "[desk] listen", "[retention] receipt_hours",
        "[[centre]] 2: provinces.number 1",
    }  # fmt: skip


def test_several_contradictions_are_told_at_once(tmp_path: Path) -> None:
    text = changed('forget = "forget/keys"', 'forget = "data/keys"')
    text = text.replace('agency = "department"', 'agency = "other"')
    assert set(problems(tmp_path, text)) == {"[storage] forget", "[[centre]] 3: agency"}


def test_a_second_officer_is_asked_for_what_the_operator_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert loaded(tmp_path).desk.second_officer == ()
    monkeypatch.setenv("SAISAAT_DESK__SECOND_OFFICER", "original, export")
    assert loaded(tmp_path).desk.second_officer == (Opens.ORIGINAL, Opens.EXPORT)


def test_a_desk_for_other_machines_needs_a_certificate(tmp_path: Path) -> None:
    text = changed('listen = "127.0.0.1:8081"', 'listen = "0.0.0.0:8081"')
    loaded(tmp_path, text)
    bare = text.replace('tls_cert = "tls/desk.pem"\ntls_key = "tls/desk.key"\n', "")
    assert "without encryption" in problems(tmp_path, bare)["[desk] listen"]


def test_a_server_key_in_the_data_folder_is_found_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "elsewhere").symlink_to(tmp_path / "data")
    text = changed('folder = "secrets"', 'folder = "elsewhere"')
    assert "inside the data folder" in problems(tmp_path, text)["[secrets] server_key"]


def test_no_centre_at_all_is_refused(tmp_path: Path) -> None:
    assert "[[centre]]" in problems(tmp_path, "centre = []\n" + GOOD.split("[[centre]]")[0])
    assert "centre" in problems(tmp_path, GOOD.split("[[centre]]")[0])


def test_an_integrity_centre_needs_a_centre_above_and_each_agency_has_one(tmp_path: Path) -> None:
    more = '[[centre]]\nid = "again"\nagency = "department"\nname_th = "ซ้ำ"\nname_en = "Again"\n'
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, GOOD + more)
    told = [str(each) for each in caught.value.problems]
    assert any("[[centre]] 4: parent: is missing. Name a centre outside" in each for each in told)
    assert any("[[centre]] 4: agency: has an integrity centre already" in each for each in told)


@pytest.mark.parametrize("empty", ["", 'admin_key = ""\n'])
def test_the_admin_key_may_be_filled_in_later(empty: str, tmp_path: Path) -> None:
    assert loaded(tmp_path, changed(f'admin_key = "{ADMIN}"\n', empty)).roster.admin_key is None


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://chat.example.go.th/", "https://chat.example.go.th"),
        ("https://CHAT.example.go.th:443", "https://chat.example.go.th"),
        ("https://chat.example.go.th:8443", "https://chat.example.go.th:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:9", "http://[::1]:9"),
        (ONION, ONION),
    ],
)
def test_an_address_is_kept_as_an_origin(url: str, origin: str, tmp_path: Path) -> None:
    text = changed("https://chat.example.go.th", url).replace('"webhook"', '"polling"')
    assert loaded(tmp_path, text).web.public_url == origin


def test_a_database_may_lie_anywhere(tmp_path: Path) -> None:
    text = changed("sqlite:///data/saisaat.db", "sqlite:////srv/saisaat/saisaat.db")
    assert loaded(tmp_path, text).storage.database == Path("/srv/saisaat/saisaat.db")


# --- environment


def test_a_variable_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAISAAT_WEB__LISTEN", "[::1]:9000")
    monkeypatch.setenv("SAISAAT_LIMITS__WRONG_TRIES", "3")
    monkeypatch.setenv("SAISAAT_SECRETS__FOLDER", "/run/credentials/saisaat.service")
    config = loaded(tmp_path)
    assert config.web.listen == Listen("::1", 9000)
    assert config.limits.wrong_tries == 3
    assert config.server_key == Path("/run/credentials/saisaat.service/server.key")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("SAISAAT_WEB__LISTN", "Did you mean SAISAAT_WEB__LISTEN?"),
        ("SAISAAT_WEBB__LISTEN", "Did you mean SAISAAT_WEB__"),
        ("SAISAAT_CENTRE__ID", "no section that a variable can set"),
        ("SAISAAT_WEB__LISTEN__HOST", "no key of [web]"),
        ("SAISAAT_WEB__", "no key of [web]"),
    ],
)
def test_a_variable_with_a_typing_error_is_named(
    name: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, CANARY)
    found = problems(tmp_path, GOOD)
    assert says in found[name]
    assert CANARY not in str(found)


@pytest.mark.parametrize("name", ["SAISAAT_WEB", "SAISAAT_CENTRE", "SAISAAT_LIMITS"])
def test_a_variable_for_a_whole_section_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, CANARY)
    found = problems(tmp_path, GOOD)
    assert name in found
    assert CANARY not in str(found)


def test_a_credential_folder_is_known_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not loaded(tmp_path).secrets.is_credential
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "secrets"))
    assert loaded(tmp_path).secrets.is_credential


# --- the platforms


def without_platforms() -> str:
    text = re.sub(r"\[telegram\].*?(?=\[storage\])", "", GOOD, flags=re.S)
    return re.sub(
        r"(?m)^(telegram_token|line_channel_secret|line_access_token|user|password) = .*$", "", text
    )


def test_without_their_sections_the_platforms_are_off(tmp_path: Path) -> None:
    config = loaded(tmp_path, without_platforms())
    assert not config.telegram.is_on
    assert not config.line.is_on


def test_a_bot_api_server_of_ones_own_may_hand_over_larger_files(tmp_path: Path) -> None:
    text = changed("https://api.telegram.org", "http://127.0.0.1:8081")
    text = text.replace("telegram_file_mib = 20", "telegram_file_mib = 2000")
    config = loaded(tmp_path, text.replace("conversation_mib = 200", "conversation_mib = 2000"))
    assert config.limits.telegram_file_bytes == 2000 * 1024 * 1024


def test_a_conversation_must_hold_one_file_of_every_channel_that_is_on(tmp_path: Path) -> None:
    text = changed("conversation_mib = 200", "conversation_mib = 199")
    found = problems(tmp_path, text)
    assert found["[limits] conversation_mib"].endswith("at least as much as line_file_mib.")
    quiet = without_platforms().replace("conversation_mib = 200", "conversation_mib = 50")
    assert loaded(tmp_path, quiet).limits.conversation_mib == 50


def test_no_secret_shows_in_the_configuration_itself(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    shown = repr(config) + str(config) + repr(config.telegram) + repr(config.line)
    assert "canary" not in shown


HOOKED = GOOD.replace(
    "[[agency]]",
    '[[alerts.webhook]]\nurl = "https://hooks.example/x?y=1"\ncentre = "khon-kaen"\n'
    'secret_file = "hook"\n[[agency]]',
    1,
)


def with_secret(tmp_path: Path, body: bytes = b"whsec_canary\n", mode: int = 0o600) -> None:
    (tmp_path / "secrets").mkdir(exist_ok=True)
    file = tmp_path / "secrets" / "hook"
    file.write_bytes(body)
    file.chmod(mode)


def test_a_webhooks_secret_is_read_from_its_file_and_shows_nowhere(tmp_path: Path) -> None:
    with_secret(tmp_path)
    config = loaded(tmp_path, HOOKED)
    (hook,) = config.alerts.webhook
    assert hook.secret == SecretStr("whsec_canary")
    assert hook.url == "https://hooks.example/x?y=1"
    assert "canary" not in repr(config) + str(config) + repr(config.alerts)


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        (
            'secret_file = "hook"',
            'secret_file = "gone"',
            "[[alerts.webhook]] 1: secret_file",
            "miss",
        ),
        ('secret_file = "hook"', 'secret_file = "../hook"', "[[alerts.webhook]] 1:", "plain"),
        (
            'secret_file = "hook"',
            'secret_file = "hook"\nsecret = "canary-1"',
            "1: secret",
            "belong",
        ),
        ('centre = "khon-kaen"', 'centre = "nowhere"', "[[alerts.webhook]] 1: centre", "names no"),
        ("https://hooks.example", "http://hooks.example", "[[alerts.webhook]] 1:", "encrypted"),
    ],
)
def test_a_webhook_that_is_wrong_is_named(
    old: str, new: str, key: str, says: str, tmp_path: Path
) -> None:
    with_secret(tmp_path)
    assert HOOKED.count(old) == 1
    found = problems(tmp_path, HOOKED.replace(old, new))
    assert [each for each, text in found.items() if key in each and says in text], found


def test_a_webhooks_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    with_secret(tmp_path, mode=0o644)
    assert "chmod 600" in problems(tmp_path, HOOKED)["[[alerts.webhook]] 1: secret_file"]


def test_a_variable_reaches_a_section_within_a_section(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAISAAT_ALERTS__EMAIL__HOST", "other.example.go.th")
    assert loaded(tmp_path).alerts.email.host == "other.example.go.th"
    monkeypatch.setenv("SAISAAT_ALERTS__EMAIL__HOTS", "x")
    said = problems(tmp_path, GOOD)["SAISAAT_ALERTS__EMAIL__HOTS"]
    assert "SAISAAT_ALERTS__EMAIL__HOST" in said


# --- nothing of a value is ever said


def every_place() -> list[str]:
    places = []
    for match in re.finditer(r"^([a-z_0-9]+) = .*$", GOOD, flags=re.M):
        for value in (f'"{CANARY}\\n"', f'["{CANARY}\\n"]', f'{{ x = "{CANARY}" }}'):
            line = f"{match[1]} = {value}"
            places.append(GOOD[: match.start()] + line + GOOD[match.end() :])
    return places


def test_a_canary_in_any_place_never_shows_in_the_error(tmp_path: Path) -> None:
    for text in every_place():
        with pytest.raises(ConfigError) as caught:
            loaded(tmp_path, text)
        error = caught.value
        assert CANARY not in str(error) + repr(error) + repr(error.problems) + repr(error.args)
        assert error.__context__ is None
        assert error.__cause__ is None


@pytest.mark.parametrize(
    "raw",
    [
        f'[web]\nlisten = "{CANARY}'.encode(),
        f"[web]\n{CANARY} {CANARY}".encode(),
        f'[web]\na = "{CANARY}"\na = "{CANARY}"'.encode(),
        f'[web]\na = "{CANARY}\\q"'.encode(),
        b"\xff\xfe" + CANARY.encode(),
        f"[web]\na = 99{CANARY}".encode(),
    ],
)
def test_a_file_that_is_not_toml_shows_the_place_and_nothing_of_it(
    raw: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert CANARY not in str(caught.value)
    assert caught.value.__context__ is None
    assert "UTF-8" in str(caught.value) or "line" in str(caught.value) or "end" in str(caught.value)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="saisaat init"):
        load(tmp_path / "config.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_an_absurdly_deep_file_is_a_plain_error(tmp_path: Path) -> None:
    assert problems(tmp_path, "a = " + "[" * 100_000)


def test_a_config_is_frozen(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    with pytest.raises(ValidationError):
        setattr(config.limits, "wrong_tries", 500)  # noqa: B010  # mypy would refuse it
