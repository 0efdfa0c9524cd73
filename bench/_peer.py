"""The peer of ``bench.web``: one bare Starlette route, served as ``digest web`` serves ours."""

import socket
import sys
from functools import cache

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route


async def answer(request: Request) -> Response:
    """Read the body, and answer with as many bytes as the header asks for."""
    await request.body()
    return HTMLResponse(_page(int(request.headers["x-size"])))


@cache
def _page(size: int) -> bytes:
    return b"x" * size


def main() -> None:
    """Serve until told to stop."""
    route = Route("/{path:path}", answer, methods=["GET", "POST"])
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        Starlette(routes=[route]), log_level="warning", proxy_headers=False, server_header=False
    )
    print(f"Listening on http://127.0.0.1:{listener.getsockname()[1]}/", file=sys.stderr)
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
