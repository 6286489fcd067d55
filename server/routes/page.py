"""The chat page: the files of ``server/page`` as they lie there, and nothing from elsewhere."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from litestar import MediaType, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.bodies import StrictRequest

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; object-src 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
FOLDER = Path(__file__).parents[1] / "page"
_TYPES = {
    ".html": MediaType.HTML,
    ".css": MediaType.CSS,
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class _File:
    data: bytes
    packed: bytes
    media_type: str
    etag: str


@cache
def _files() -> dict[str, _File]:
    """The page's files by their path below its folder."""
    return {
        path.relative_to(FOLDER).as_posix(): _read(path)
        for path in FOLDER.rglob("*")
        if path.suffix in _TYPES
    }


def _read(path: Path) -> _File:
    data = path.read_bytes()
    # Weak, since one tag stands for both forms.
    etag = f'W/"{hashlib.sha256(data).hexdigest()[:20]}"'
    return _File(data, gzip.compress(data, mtime=0), _TYPES[path.suffix], etag)


def _response(name: str, request: StrictRequest) -> Response[bytes]:
    file = _files().get(name)
    if file is None:
        raise NotFoundException
    # A browser keeps the files, and asks each time whether they are still those.
    headers = {
        "ETag": file.etag,
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
        "Content-Security-Policy": POLICY,
    }
    if file.etag in request.headers.get("If-None-Match", ""):
        return Response(b"", status_code=304, headers=headers, media_type=file.media_type)
    data = file.data
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        data, headers = file.packed, headers | {"Content-Encoding": "gzip"}
    return Response(data, headers=headers, media_type=file.media_type)


@get("/", media_type=MediaType.HTML, summary="The chat page", sync_to_thread=False)
def page(request: StrictRequest) -> Response[bytes]:
    """Ask in a browser, and see every answer in its article."""
    return _response("index.html", request)


@get("/page/{name:path}", include_in_schema=False, sync_to_thread=False)
def asset(name: FromPath[str], request: StrictRequest) -> Response[bytes]:
    """A script, style or picture of the page."""
    return _response(name.lstrip("/"), request)


router = Router("/", route_handlers=[page, asset], tags=["Running it"])
