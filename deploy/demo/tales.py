"""The sample tips of `tales.toml`, told through the web chat as people would tell them."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.deployment import Deployment
from deploy.demo.errors import DemoFailed
from deploy.demo.evidence import EVIDENCE
from deploy.demo.person import Person, Tell

FILE = Path(__file__).with_name("tales.toml")

Step = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Tale:
    """One tip: who tells it, and what they do."""

    who: str
    steps: tuple[Step, ...]


def tales() -> tuple[Tale, ...]:
    """Every tale there is, in order."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))["tale"]
    return tuple(Tale(each["who"], tuple(each["steps"])) for each in found)


def tell(
    deployment: Deployment, several: Iterable[Tale], said: Tell = lambda who, words: None
) -> None:
    """Tell *several*, each in a browser of its own. Raises DemoFailed."""
    for tale in several:
        with Person(tale.who, deployment.web_url, said) as person:
            person.open()
            for step in tale.steps:
                _do(person, step, deployment)


def _do(person: Person, step: Step, deployment: Deployment) -> None:
    match step:
        case {"tap": str(label)}:
            person.tap(label)
        case {"say": str(words)}:
            person.say(words.format(member=deployment.member_code, duress=deployment.duress_code))
        case {"send": list(names)}:
            for name in names:
                person.send(EVIDENCE[name]())
        case _:
            raise DemoFailed(f"No person does this: {step}")
