"""An officer who declared a conflict with an agency gets no tip about it, centre or no centre."""

from dataclasses import replace

from bot.books import Books
from bot.centres import Organisation
from bot.routes import router
from handlers.agencies import Agency
from handlers.book import Channel, load_book
from handlers.routing import Centre, Centres
from sealing import OfficerKeys, Roster
from tests.bot.turn_house import ROSTER, officer

CENTRES = Centres((Centre("region"), Centre("kkn", "region", ("TH-40",))))
AGENCIES = (
    Agency("police", "ตำรวจ", "Police"),
    Agency("station", "สภ. แห่งหนึ่ง", "A station", parent="police"),
)
PRASERT = OfficerKeys.generate("Prasert")
FRIEND = officer(PRASERT, "kkn", conflicts=("police",))


def books_of(rosters: list[Roster]) -> Books:
    organisation = Organisation(centres=CENTRES, agencies=AGENCIES, clocks={})
    book = load_book(agencies=AGENCIES, centres=CENTRES.all, channel=Channel("web"))
    return Books((book,), organisation, lambda: rosters[-1])


def test_a_confirmed_agency_without_a_centre_bars_the_officers_in_conflict() -> None:
    books = books_of([replace(ROSTER, officers=(*ROSTER.officers, FRIEND))])
    for accused in ("police", "station"):
        route = router(CENTRES)("TH-40", books["web"].barred(accused), True)
        assert (route.centre, route.ancestors) == ("kkn", ("region",))
        assert route.conflicts == {FRIEND.id}


def test_other_agencies_bar_nobody() -> None:
    books = books_of([replace(ROSTER, officers=(*ROSTER.officers, FRIEND))])
    assert books["web"].barred("land-office") == ()


def test_what_a_book_says_of_officers_follows_the_roster_in_use() -> None:
    rosters = [ROSTER]
    books = books_of(rosters)
    assert books["web"].barred("police") == ()
    rosters.append(replace(ROSTER, version=2, officers=(*ROSTER.officers, FRIEND)))
    assert books["web"].barred("police") == (FRIEND.id,)
