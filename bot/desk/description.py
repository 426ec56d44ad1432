"""What the desk publishes of itself (OpenAPI), beyond what the routes' own types say: that a
session is a token *and* its proof, which roles a route is for, and examples of addresses.
"""

from typing import Any

from fastapi import FastAPI

from bot.desk.roles import MAY, OPEN

EXAMPLE_ID = "1f6076e3a47ba1ded08025ffe06e57af"
_SIGNED_IN: list[dict[str, list[str]]] = [{"HTTPBearer": [], "Proof": []}]
_EXAMPLES = {
    **dict.fromkeys(
        ("tip_id", "blob_id", "campaign_id", "opening_id", "handover_id", "binding_id"), EXAMPLE_ID
    ),
    "day": "2026-11-23",
    "after": f"2026-11-23.{EXAMPLE_ID}",
    "limit": 50,
    "status": "received,screening",
    "centre": "khon-kaen",
}
_EXAMPLES_OF: dict[str, dict[str, Any]] = {
    "GET /figures": {"from": "2026-01", "to": "2026-12"},
    "GET /audit": {"after": 200},
    "GET /audit/days": {"after": "2026-11-23"},
}


class DescribedApp(FastAPI):
    """An application whose routes lie under *prefix* and are those of `roles`."""

    prefix = ""

    def openapi(self) -> dict[str, Any]:
        """The description, made once."""
        if self.openapi_schema is None:
            described = super().openapi()
            for path, methods in described["paths"].items():
                for method, operation in methods.items():
                    _complete(operation, f"{method.upper()} {path.removeprefix(self.prefix)}")
            self.openapi_schema = described
        return self.openapi_schema


def _complete(operation: dict[str, Any], route: str) -> None:
    if route in OPEN:
        operation["security"] = []
    else:
        operation["security"] = _SIGNED_IN
        operation["x-roles"] = sorted(MAY.get(route, ()))
    examples = {**_EXAMPLES, **_EXAMPLES_OF.get(route, {})}
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in examples:
            parameter["example"] = examples[parameter["name"]]
