"""Web addresses, taken apart strictly: what two programs could read in two ways is refused."""

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urljoin, urlsplit

from index.errors import AddressRefused

_SCHEMES = {"http": 80, "https": 443}
_LONGEST = 8_000
_SHOWN = 200
_PLACE = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^\[\]:]+))(?::(?P<port>[0-9]{0,5}))?"
)
_NAME = re.compile(r"(?!.{254})[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SAFE = "%/:;=?&@!$'()*+,~[]-._"  # besides letters and digits, what a path or query may hold


@dataclass(frozen=True, slots=True)
class Url:
    """A web address: ``host`` is a name in ASCII or an IP address in its usual spelling.

    ``target`` is the path with the query, in ASCII; a fragment has been dropped.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as they stand in an address, without the scheme's usual port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _SCHEMES[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.authority}"

    @property
    def path(self) -> str:
        """The path alone."""
        return self.target.partition("?")[0]

    def __str__(self) -> str:
        return self.origin + self.target


def parse(text: str, *, base: Url | None = None) -> Url:
    """The address that a text gives, relative to ``base`` where there is one.

    Raises AddressRefused for all but http and https, for a user name or password in it, and for
    whatever is no address or an odd spelling of one.
    """
    given = text.strip()
    if len(given) > _LONGEST:
        raise _refused(given, f"is longer than the {_LONGEST:,} characters that are read")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in given):
        raise _refused(given, "holds a control character, or half of one")
    try:
        parts = urlsplit(urljoin(str(base), given) if base else given)
    except ValueError as error:
        raise _refused(given, f"can't be read ({error})") from error
    if parts.scheme not in _SCHEMES:
        raise _refused(given, "is none that begins with http:// or https://")
    if "@" in parts.netloc:
        raise _refused(given, "holds a user name or password, which is not sent")
    match = _PLACE.fullmatch(parts.netloc)
    if match is None:
        raise _refused(given, "names no host, or not as it should")
    port = int(match["port"] or _SCHEMES[parts.scheme])
    if not 0 < port < 65_536:
        raise _refused(given, f"names port {port}, which does not exist")
    path = quote(parts.path or "/", safe=_SAFE)
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return Url(parts.scheme, _host(given, match), port, path + query)


def host_name(text: str) -> str:
    """A host's name in lower-case ASCII, or its IPv4 address. Raises ValueError."""
    # Imported here, since its tables take longer than the rest of the command line's start.
    import idna

    # Full-width digits and dots become plain ones first, so that no spelling hides a number.
    name = idna.uts46_remap(text, std3_rules=False, transitional=False)
    if not name.isascii():
        name = idna.encode(name, uts46=True).decode("ascii")
    name = name.removesuffix(".")
    if not _NAME.fullmatch(name):
        raise ValueError("it is no host name")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return str(IPv4Address(name))
    return name


def _host(given: str, match: re.Match[str]) -> str:
    try:
        return str(IPv6Address(match["six"])) if match["six"] else host_name(match["name"])
    except AddressValueError as error:
        raise _refused(given, "spells an IP address in an unusual way") from error
    except ValueError as error:  # idna's own errors are of this kind, too
        raise _refused(given, f"names a host that can't exist ({error})") from error


def _refused(given: str, why: str) -> AddressRefused:
    shown = given if len(given) <= _SHOWN else given[:_SHOWN] + "…"
    return AddressRefused(f"the address {shown!r} {why}; give one like https://example.org/page")
