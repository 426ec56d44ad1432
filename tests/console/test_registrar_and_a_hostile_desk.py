"""What a desk that lies can do to a registrar, and cannot."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from console import days
from console.errors import ConsoleError, Distrusted
from console.members.book import Standing
from console.members.recorded import recorded
from console.members.registrar import Wish
from tests.console.fake_world import Person, new_id
from tests.console.registrars import Handing, Registry, a_registry

TODAY = days.today().isoformat()
WISH = Wish("kkn", 2021, 365)


class Lying(httpx.AsyncBaseTransport):
    """The desk, and between it and the console somebody who rewrites what is said at one path."""

    def __init__(self, desk: httpx.AsyncBaseTransport, path: str, rewrite: Callable[[Any], Any]):
        self._desk, self._path, self._rewrite = desk, path, rewrite

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._desk.handle_async_request(request)
        if not request.url.path.endswith(self._path):
            return answer
        told = self._rewrite(json.loads(await answer.aread()))
        status = told.pop("status", answer.status_code) if isinstance(told, dict) else 200
        return httpx.Response(status, stream=httpx.ByteStream(json.dumps(told).encode()))


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[Registry]:
    async with a_registry(tmp_path) as registry:
        yield registry


@pytest.fixture
def rachan(registry: Registry) -> Person:
    return registry.join("ราชัน ทะเบียน", "kkn")


def lie(registry: Registry, path: str, rewrite: Callable[[Any], Any]) -> None:
    registry.wire.desk = Lying(registry.wire.desk, path, rewrite)  # type: ignore[assignment]  # any transport will do


async def test_other_terms_than_before_stop_everything(registry: Registry, rachan: Person) -> None:
    async with registry.at_work(rachan) as registrar:
        await registrar.add("สมหญิง", WISH, "", Handing())
    lie(registry, "/terms", lambda told: told | {"memory_kib": 8})
    with pytest.raises(Distrusted, match="terms_changed"):
        async with registry.at_work(rachan):
            pass


@pytest.mark.parametrize(
    "told",
    [
        {"memory_kib": 2**40},
        {"time": 10**9},
        {"lanes": 0},
        {"salt": ""},
        {"salt": "%%%"},
        {"memory_kib": "8"},
        {"links": {"web": "javascript:alert(1)"}},
        {"links": {"web": "https://chat.example/\x1b[2J"}},
        {"links": {"onion": "https://not-an-onion.example"}},
    ],
)
async def test_terms_that_cannot_be_are_not_used(
    registry: Registry, rachan: Person, told: dict[str, Any]
) -> None:
    lie(registry, "/terms", lambda was: was | told)
    with pytest.raises(ConsoleError):
        async with registry.at_work(rachan):
            pass


@pytest.mark.parametrize(
    "told",
    [
        {"outcomes": ["unknown"]},
        {"outcomes": ["done", "revoked"]},
        {"outcomes": "done"},
        {},
        [],
        "no",
    ],
)
async def test_a_code_is_not_taken_for_confirmed_by_an_odd_answer(
    registry: Registry, rachan: Person, told: Any
) -> None:
    lie(registry, "/codes", lambda _: told)
    handing = Handing()
    with pytest.raises(ConsoleError):
        async with registry.at_work(rachan) as registrar:
            await registrar.add("สมหญิง", WISH, "", handing)
    registry.wire.desk = registry.wire.desk._desk  # type: ignore[attr-defined]  # the honest one again
    async with registry.at_work(rachan) as registrar:
        assert registrar.book.members[0].standing(TODAY) is Standing.ACTIVE
    assert await registry.works(handing.code)
    assert await registry.rows() == 1


async def test_a_desk_that_says_no_to_a_change_does_not_have_it_noted_as_done(
    registry: Registry, rachan: Person
) -> None:
    handing = Handing()
    async with registry.at_work(rachan) as registrar:
        alias = (await registrar.add("สมหญิง", WISH, "", handing)).alias
    for told in ({"status": 409}, {"status": 409, "outcomes": []}, {"status": 503}):
        registry.wire.fails = lambda method, path: None
        honest = registry.wire.desk
        lie(registry, "/states", lambda _, told=told: dict(told))
        with pytest.raises(ConsoleError):
            async with registry.at_work(rachan) as registrar:
                await registrar.pause(alias, "พัก")
        registry.wire.desk = honest
        async with registry.at_work(rachan) as registrar:
            assert registrar.book.find(alias).standing(TODAY) is Standing.PAUSED
            await registrar.resume(alias, "")


Change = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (lambda entry: entry.update(count=99), "forged"),
        (lambda entry: entry.update(deed="revoke"), "forged"),
        (lambda entry: entry.update(day="2020-01-01"), "forged"),
        (lambda entry: entry.update(is_duress=True), "forged"),
        (lambda entry: entry.update(record_id=new_id()), "forged"),
        (lambda entry: entry.update(signature=""), "forged"),
        (lambda entry: entry.update(officer=new_id()), "foreign"),
    ],
)
async def test_a_record_that_was_changed_is_found_out(
    registry: Registry, rachan: Person, change: Change, verdict: str
) -> None:
    async with registry.at_work(rachan) as registrar:
        await registrar.add("สมหญิง", WISH, "", Handing())

    def rewrite(told: dict[str, Any]) -> dict[str, Any]:
        change(told["records"][0])
        return told

    lie(registry, "/record", rewrite)
    async with registry.office(rachan) as office:
        (entry,) = await recorded(office, "kkn")
        assert (entry.verdict, entry.is_trusted) == (verdict, False)


async def test_another_centres_record_does_not_pass_for_this_ones(
    registry: Registry, rachan: Person
) -> None:
    both = registry.join("สองศูนย์", "kkn", "loei")
    async with registry.at_work(both) as registrar:
        await registrar.add("คนเลย", Wish("loei", 2021, 365), "", Handing())
    stolen: list[Any] = []
    honest = registry.wire.desk
    lie(registry, "/record", lambda told: stolen.append(told) or told)
    async with registry.office(both) as office:
        (entry,) = await recorded(office, "loei")
        assert entry.is_trusted
    registry.wire.desk = honest
    lie(registry, "/record", lambda _: dict(stolen[0]))
    async with registry.office(rachan) as office:
        (entry,) = await recorded(office, "kkn")
        assert entry.verdict == "forged"


async def test_a_record_without_an_end_is_read_so_far_and_no_further(
    registry: Registry, rachan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.members.recorded.PAGES_AT_MOST", 3)
    async with registry.at_work(rachan) as registrar:
        await registrar.add("สมหญิง", WISH, "", Handing())
    lie(registry, "/record", lambda told: told | {"next": f"2026-11-26.{new_id()}"})
    registry.wire.seen.clear()
    async with registry.office(rachan) as office:
        await recorded(office, "kkn")
    assert sum(path.endswith("/record") for path in registry.wire.seen) == 3


async def test_what_the_console_sends_about_a_code_is_its_half_and_nothing_else(
    registry: Registry, rachan: Person
) -> None:
    async with registry.at_work(rachan) as registrar:
        member = await registrar.add("สมหญิง", WISH, "เหตุผลลับ", Handing())
        await registrar.pause(member.alias, "เหตุผลลับ")
    sent = [json.loads(body) for body in registry.wire.bodies if b"record_id" in body]
    signed = {"record_id", "centre", "is_duress", "day", "signature"}
    assert [set(body) - signed for body in sent] == [{"codes"}, {"state", "halves"}]
    assert set(sent[0]["codes"][0]) == {"half", "expires_day", "since_year"}
