"""Stylesheets and scripts: their address changes with their content, so browsers may keep them."""

from hashlib import sha256
from os import PathLike, stat_result
from pathlib import Path

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class Static(StaticFiles):
    """The files of one folder, read when it is opened for what they hold."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self._versions = {path.name: _version(path) for path in folder.iterdir()}

    def address(self, name: str) -> str:
        """Return the address of a file, with the version it has now."""
        return f"/static/{name}?v={self._versions[name]}"

    def file_response(
        self,
        full_path: PathLike[str] | str,
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Let a file asked for by its version be kept for a year; others are asked for again."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        asked = QueryParams(scope["query_string"]).get("v")
        current = asked == self._versions.get(Path(full_path).name)
        kept = "public, max-age=31536000, immutable" if current else "no-cache"
        response.headers["Cache-Control"] = kept
        return response


def _version(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]
