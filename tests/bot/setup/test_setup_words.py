"""What is written to an account fits the platforms' bounds, in every language."""

import pytest

from bot.channels.telegram.api import WANTED
from bot.channels.telegram.reading import COMMANDS
from bot.platforms.telegram import UPDATES
from bot.setup.menu import TILES
from bot.setup.telling import LANGUAGES, words
from handlers.book import load_book
from handlers.events import Command
from handlers.screens import CONTROLS
from handlers.thai import count_graphemes

LONGEST_URL = "https://" + "a" * 22 + ".example.go.th"


def units(text: str) -> int:
    """Length as Telegram and LINE count it: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_descriptions_fit_with_a_long_address(language: str) -> None:
    said = words(language)["telegram"]
    assert units(said["description"].strip().format(web=LONGEST_URL)) <= 512
    assert units(said["short"].strip().format(web=LONGEST_URL)) <= 120


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_and_tile_is_one_that_the_conversation_knows(language: str) -> None:
    said = words(language)
    known = {*load_book().flows, *CONTROLS}
    assert set(said["commands"]) <= known
    assert set(TILES) <= known
    for tile in TILES:
        assert Command(tile).name in said["commands"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menus_words_fit_a_label(language: str) -> None:
    menu = words(language)["menu"]
    assert set(menu["picture"]) == set(menu["said"]) == set(TILES)
    assert units(menu["bar"]) <= 14
    for text in menu["said"].values():
        assert count_graphemes(text) <= 20
        assert units(text) <= 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_the_same_commands_in_the_same_order(language: str) -> None:
    assert list(words(language)["commands"]) == list(words(LANGUAGES[0])["commands"])


def test_the_account_asks_for_what_the_channel_hears_and_offers_what_it_reads() -> None:
    assert set(UPDATES) == set(WANTED)
    for language in LANGUAGES:
        assert set(words(language)["commands"]) <= COMMANDS
