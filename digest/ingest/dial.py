"""Which addresses we connect to, decided where the connection is made.

A name is resolved once; every address it stands for is checked, and a checked one is dialled: what
a name server says a second later is never asked. Redirects are dials like any other.

Where the environment names a proxy (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY), the proxy is
dialled, unchecked, and resolves the names itself: of what it is asked for, only addresses written
as numbers are checked here, and what its names may lead to is its operator's to decide.
"""

import math
import socket
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

import httpcore
import httpx

from digest.errors import RetrieveError

Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], list[str]]

_GLOBAL: Final = ip_network("2000::/3")  # all of IPv6 that is handed out (RFC 4291 section 2.4)
_TRANSLATED: Final = ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address behind a translator
_DOCUMENTS: Final = (ip_network("3fff::/20"), ip_network("192.88.99.0/24"))  # RFC 9637, RFC 7526

_until: ContextVar[float] = ContextVar("until")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether everybody may reach ``address``: it is no private, loopback, link-local, shared
    (RFC 6598), multicast, unspecified, reserved or documentation one, nor carries one.

    IPv6 addresses that carry an IPv4 one (mapped, 6to4, NAT64) are judged by it; Teredo is refused.
    """
    if isinstance(address, IPv6Address):
        carried = _carried(address)
        if carried is not None:
            return is_public(carried)
        if address not in _GLOBAL:
            return False
    public = address.is_global and not address.is_multicast and not address.is_reserved
    return public and not any(address in network for network in _DOCUMENTS)


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def resolve(host: str, port: int) -> list[str]:
    """Return every address ``host`` stands for, as the system resolves it. Raises OSError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is too long
        raise OSError(f"{host} is no host name") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let everything that is read in this block, first byte to last, take so many seconds."""
    within = time.monotonic() + seconds
    token = _until.set(min(within, _until.get(within)))
    try:
        yield
    finally:
        _until.reset(token)


def left() -> float:
    """Return the seconds that are left of our patience."""
    until = _until.get(None)
    return math.inf if until is None else until - time.monotonic()


class Dialler(httpcore.NetworkBackend):
    """Connects to public addresses, and to those in ``private``."""

    def __init__(self, private: Iterable[str] = (), resolve: Resolve = resolve) -> None:
        self._private = tuple(ip_network(each) for each in private)
        self._resolve = resolve
        self._tcp = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises RetrieveError when one of the host's addresses is none we connect to."""
        failed: Exception | None = None
        for address in self._checked(host, port):
            try:
                stream = self._tcp.connect_tcp(
                    address, port, _left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(stream)
        raise failed or httpcore.ConnectError(f"{host} has no address")

    def check(self, host: str) -> None:
        """Raise RetrieveError when ``host`` is written as an address that we do not connect to."""
        try:
            addresses = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
        except (OSError, UnicodeError):
            return  # it is a name
        for *_, address in addresses:
            self._check(host, str(address[0]))

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            addresses = self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(
                f"{host} is not found: {error.strerror or error}"
            ) from error
        for address in addresses:
            self._check(host, address)
        return addresses

    def _check(self, host: str, text: str) -> None:
        address = ip_address(text)
        if is_public(address) or any(address in network for network in self._private):
            return
        leads = text if host == text else f"{host} leads to {text}, which"
        raise RetrieveError(
            f"{leads} is no public address: if you trust what answers there, "
            f"add {text} to the setting ingest.private."
        )


class _Anywhere(Dialler):
    """Connects to whatever the operator says, which is how a proxy is reached."""

    def _check(self, host: str, text: str) -> None:
        pass


class _Stream(httpcore.NetworkStream):
    """A connection that no drop-by-drop answer keeps open beyond our ``patience``."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None) -> float | None:
    """The seconds one step may take: what httpx grants, but no more than our patience has left."""
    seconds = min(left(), math.inf if timeout is None else timeout)
    if seconds <= 0:
        raise httpcore.ReadTimeout("our patience is at its end")
    return None if seconds == math.inf else seconds


class Transport(httpx.BaseTransport):
    """httpx's way to the network through a ``Dialler``, or through the environment's proxies."""

    def __init__(self, dialler: Dialler) -> None:
        self._dialler = dialler
        self._tls = httpx.create_ssl_context()
        self._direct = httpcore.ConnectionPool(ssl_context=self._tls, network_backend=dialler)
        self._proxies: dict[str, httpcore.ConnectionPool] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.HTTPError, and RetrieveError for an address we do not connect to."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        asked = httpcore.Request(
            request.method, url, headers=request.headers.raw, extensions=request.extensions
        )
        with _translated():
            answer = self._pool(request.url).handle_request(asked)
        assert isinstance(answer.stream, Iterable), "we asked synchronously"
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        for pool in (self._direct, *self._proxies.values()):
            pool.close()

    def _pool(self, url: httpx.URL) -> httpcore.ConnectionPool:
        proxy = _proxy(url)
        if proxy is None:
            return self._direct
        self._dialler.check(url.host)
        if proxy not in self._proxies:
            self._proxies[proxy] = self._through(httpx.Proxy(proxy))
        return self._proxies[proxy]

    def _through(self, proxy: httpx.Proxy) -> httpcore.ConnectionPool:
        return httpcore.HTTPProxy(
            proxy_url=str(proxy.url),
            proxy_auth=proxy.raw_auth,
            ssl_context=self._tls,
            network_backend=_Anywhere(),
        )


def _proxy(url: httpx.URL) -> str | None:
    """The environment's proxy for an address; ``localhost:3128`` is one without a scheme."""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(url.host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _translated():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        with _translated():
            self._answer.close()


_ERRORS: Final = (
    (httpcore.TimeoutException, httpx.TimeoutException),
    (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.ProxyError, httpx.ProxyError),
    (httpcore.NetworkError, httpx.NetworkError),
    (httpcore.ProtocolError, httpx.ProtocolError),
)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except tuple(theirs for theirs, _ in _ERRORS) as error:
        ours = next(ours for theirs, ours in _ERRORS if isinstance(error, theirs))
        raise ours(str(error)) from error
