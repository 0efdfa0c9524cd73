"""mail that came back → what it says of each recipient."""

from digest.bounce.read import read

__all__ = ["read"]
