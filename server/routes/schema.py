"""The API's description: OpenAPI as JSON, and Swagger UI to browse it, all from this server.

Swagger UI's files come with the package ``swagger-ui-py``, which is never imported: only its
folder is looked up. Litestar's own page would fetch them from elsewhere and run a script inside
the page, which the Content-Security-Policy here forbids.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme

from server.openapi import complete

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pincite API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/schema/swagger-ui.css">
<script src="/schema/swagger-ui-bundle.js" defer></script>
<script src="/schema/start.js" defer></script>
</head>
<body><div id="api"></div></body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "/schema/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""
_DESCRIPTION = """\
Answers questions about articles by quoting them. Every answer is a verbatim span of a stored
text, and `text[start:end] == quote` holds for every citation: offsets are half-open and count
Unicode code points in the text that `GET /v1/documents/{id}/text` serves.

Errors are `application/problem+json` (RFC 9457); `detail` says what to do.
"""


class Description(JsonRenderPlugin):
    """``/schema/openapi.json``."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json")
        self._rendered: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The description; made once."""
        if self._rendered is None:
            self._rendered = self.render_json(request, complete(openapi_schema))
        return self._rendered


class Browser(OpenAPIRenderPlugin):
    """Swagger UI at ``/schema``."""

    def __init__(self) -> None:
        super().__init__(path="/")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The page, which then loads the description by itself."""
        return _PAGE.encode()

    def receive_router(self, router: Router) -> None:
        """Adds what the page loads."""
        for handler in (_style, _script, _start):
            router.register(handler)


@get("/swagger-ui.css", media_type="text/css", sync_to_thread=False)
def _style() -> bytes:
    return _asset("swagger-ui.css")


@get("/swagger-ui-bundle.js", media_type="text/javascript", sync_to_thread=False)
def _script() -> bytes:
    return _asset("swagger-ui-bundle.js")


@get("/start.js", media_type="text/javascript", sync_to_thread=False)
def _start() -> bytes:
    return _START.encode()


@cache
def _asset(name: str) -> bytes:
    spec = find_spec("swagger_ui")
    if spec is None or not spec.submodule_search_locations:
        raise NotFoundException
    return (Path(spec.submodule_search_locations[0]) / "static" / name).read_bytes()


def _guarded(response: Response[Any]) -> Response[Any]:
    if response.status_code == 404:
        # Litestar answers unknown addresses below /schema with a page of its own.
        raise NotFoundException
    if response.media_type == MediaType.HTML:
        response.headers["Content-Security-Policy"] = _POLICY
    return response


def description(version: str, *, keyed: bool) -> OpenAPIConfig:
    """What Litestar makes the description from; ``keyed`` where a key is asked for."""
    return OpenAPIConfig(
        title="Pincite",
        version=version,
        description=_DESCRIPTION,
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        use_handler_docstrings=True,
        components=Components(
            security_schemes={"key": SecurityScheme(type="http", scheme="bearer")}
        ),
        security=[{"key": []}] if keyed else [{}, {"key": []}],
        openapi_router=Router(
            "/schema", route_handlers=[], include_in_schema=False, after_request=_guarded
        ),
        render_plugins=[Browser(), Description()],
        operation_id_creator=lambda handler, _, __: handler.handler_name,
    )
