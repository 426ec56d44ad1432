"""What `saisaat route` says: the same steps in plain Thai and English, and as JSON for scripts."""

from collections.abc import Iterator, Mapping, Sequence

from bot.dry_run import DryRun, Excluded, Unclear
from bot.routes import Barred, Readers
from handlers.agencies import Agency, FoundBy
from handlers.provinces import Province
from handlers.routing import Beginning, Passing, Step

_FOUND: Mapping[FoundBy | None, str] = {
    None: "ระบุด้วย id · named by its id",
    FoundBy.WRITTEN: "พบชื่อหรือชื่อเรียกในคำที่พิมพ์ · its name or an alias stands in the words",
    FoundBy.HEARD: "สะกดตามเสียง · spelt by ear",
    FoundBy.NEAR: "พิมพ์ผิดเล็กน้อย · with a slip or two",
}
_BEGINNINGS: Mapping[Beginning, str] = {
    Beginning.PROVINCE: "เริ่มที่ศูนย์ของจังหวัดนี้ · Begins at the centre of this province",
    Beginning.INTEGRITY: (
        "ไม่มีศูนย์ทั่วไปของจังหวัดนี้ เริ่มที่ศูนย์ภายในหน่วยงานที่ดูแลจังหวัดนี้ · No general centre has this"
        " province; begins at an integrity centre that does"
    ),
    Beginning.UNSURE: "ไม่แน่ใจจังหวัด เริ่มที่เขต · Unsure of the province: begins at the region",
    Beginning.NOBODYS: (
        "ไม่มีศูนย์ใดดูแลจังหวัดนี้ เริ่มที่ศูนย์บนสุด · No centre has this province: begins at the top"
    ),
}
_PASSINGS: Mapping[Passing, str] = {
    Passing.ACCUSED: (
        "ข้าม เพราะอยู่ในสายของหน่วยงานที่ถูกกล่าวถึง · passed: it is in the line of the accused agency"
    ),
    Passing.UNCONFIRMED: (
        "ข้าม เพราะเป็นศูนย์ภายในหน่วยงาน และยังไม่ยืนยันหน่วยงาน · passed: an integrity centre, and no"
        " agency is confirmed"
    ),
}
_BARRED: Mapping[Barred, str] = {
    Barred.CONFLICT: "แจ้งไว้ว่ามีส่วนได้เสีย · declared a conflict of interest",
    Barred.INSIDE: "ทำงานในศูนย์ที่อยู่ในสายของหน่วยงานนี้ · works in a centre of the accused line",
}
_MEANS: Mapping[str, str] = {
    "province": "จังหวัดนี้ไม่รู้จัก หรือหมายถึงได้หลายจังหวัด · No such province, or several:",
    "agency": "หมายถึงได้หลายหน่วยงาน ระบุด้วย --agency ID · May be one of several; say which by id:",
}


def as_text(run: DryRun) -> str:
    """Everything, step by step, for a person."""
    return "\n".join(
        (
            *_asked(run),
            *(_said_excluded(each) for each in run.excluded),
            "",
            _BEGINNINGS[run.way.beginning] + ":",
            *(_said_step(run, step) for step in run.way.steps),
            *_above(run),
            *(_people(run, run.readers) if run.readers is not None else _nobody_asked(run)),
            "",
            f"เรื่องจะไปที่ · The tip would go to: {_name(run, run.centre)}",
        )
    )


def as_json(run: DryRun) -> Mapping[str, object]:
    """The same for scripts; names here are a promise to whoever reads them."""
    readers = run.readers
    return {
        "centre": run.centre,
        "province": None if run.province is None else run.province.id,
        "agency": None if run.agency is None else run.agency.id,
        "agency_found_by": None if run.found_by is None else run.found_by.value,
        "is_agency_unknown": run.is_agency_unknown,
        "excluded": [
            {"centre": each.centre.id, "agency": None if each.agency is None else each.agency.id}
            for each in run.excluded
        ],
        "begins": run.way.beginning.value,
        "steps": [_step_json(step) for step in run.way.steps],
        "above": [_step_json(step) for step in run.way.above],
        "no_roster": run.no_roster,
        "passed_without_readers": [] if readers is None else list(readers.passed),
        "readers": []
        if readers is None
        else [
            {
                "name": each.officer.name,
                "centre": each.centre,
                "role": "officer",
                "is_released": each.is_released,
            }
            for each in readers.readers
        ],
        "barred": []
        if readers is None
        else [{"name": officer.name, "why": why.value} for officer, why in readers.barred],
    }


def unclear(error: Unclear) -> Sequence[str]:
    """What was not clear, and what it may have meant."""
    return (_MEANS[error.what], *(f"  {each.id}  {_both(each)}" for each in error.found))


def _asked(run: DryRun) -> Iterator[str]:
    province = "ไม่แน่ใจ · unsure" if run.province is None else _both(run.province)
    yield f"จังหวัด · Province: {province}"
    if run.agency is not None:
        yield f"หน่วยงาน · Agency: {_both(run.agency)} [{run.agency.id}]"
        yield f"  {_FOUND[run.found_by]}"
        yield "  คิดตามกรณีที่ผู้แจ้งกดยืนยัน · as if the person confirmed it"
    elif run.is_agency_unknown:
        yield "หน่วยงาน · Agency: ไม่พบในรายชื่อ จึงไม่มีการยืนยัน · not in the list, so none is confirmed"
    else:
        yield "หน่วยงาน · Agency: ไม่ระบุ · none given"
    if run.agency is not None and not run.excluded:
        yield "  ไม่มีศูนย์ใดอยู่ในสายของหน่วยงานนี้ · no centre is in its line"


def _said_excluded(each: Excluded) -> str:
    name = f"{each.centre.name_th} · {each.centre.name_en} [{each.centre.id}]"
    if each.agency is None:
        return f"  ห้ามเห็น · must not see it: {name} อยู่ใต้ศูนย์ที่ห้ามเห็น · lies under such a centre"
    return f"  ห้ามเห็น · must not see it: {name} อยู่ใน · is inside {_both(each.agency)}"


def _said_step(run: DryRun, step: Step) -> str:
    why = "อยู่ที่นี่ · stays here" if step.passed is None else _PASSINGS[step.passed]
    return f"  {_name(run, step.centre)}: {why}"


def _above(run: DryRun) -> Iterator[str]:
    if run.way.above:
        yield "เมื่อเลยกำหนด ขึ้นไปที่ · When a clock runs out it goes up to:"
    for step in run.way.above:
        why = "" if step.passed is None else f": {_PASSINGS[step.passed]}"
        yield f"  {_name(run, step.centre)}{why}"


def _people(run: DryRun, readers: Readers) -> Iterator[str]:
    yield ""
    for centre in readers.passed:
        yield (
            f"{_name(run, centre)}: ไม่มีเจ้าหน้าที่ที่เปิดเรื่องนี้ได้ จึงขึ้นไปอีกขั้น"
            " · no officer there could open it, so it climbs on"
        )
    now = [each for each in readers.readers if each.is_released]
    later = [each for each in readers.readers if not each.is_released]
    for said, each_of in (
        ("เปิดได้ทันที · Can open it now", now),
        ("ได้สิทธิ์ที่พักไว้จนเลยกำหนด · Withheld until a clock runs out", later),
    ):
        yield f"{said}: เจ้าหน้าที่ {len(each_of)} คน · officers: {len(each_of)}"
        yield from (f"  {each.officer.name} · {_name(run, each.centre)}" for each in each_of)
    if readers.barred:
        yield "ไม่ได้สิทธิ์ · Get no grant:"
    yield from (f"  {officer.name}: {_BARRED[why]}" for officer, why in readers.barred)
    yield "กุญแจกู้คืนเปิดได้เสมอ · The recovery key always can"
    if not now:
        yield (
            "ไม่มีใครนอกจากกุญแจกู้คืนเปิดเรื่องนี้ได้ เพิ่มเจ้าหน้าที่ในบัญชี"
            " · Nobody but recovery could open it: add an officer to the roster"
        )


def _nobody_asked(run: DryRun) -> Iterator[str]:
    yield ""
    yield f"ยังบอกไม่ได้ว่าใครเปิดได้ · Who could open it is not known yet: {run.no_roster}"


def _name(run: DryRun, centre_id: str) -> str:
    centre = run.organisation.centres.by_id[centre_id]
    return f"{centre.name_th} · {centre.name_en} [{centre.id}]"


def _both(each: Province | Agency) -> str:
    return f"{each.name_th} · {each.name_en}"


def _step_json(step: Step) -> Mapping[str, object]:
    return {"centre": step.centre, "passed": None if step.passed is None else step.passed.value}
