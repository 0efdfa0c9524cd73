"""LaTeX in titles and abstracts → readable Unicode.

Listings carry TeX as the authors typed it: ``PanGu-$\\pi$``, ``$10^{-3}$``, ``G\\"odel``. This is
no TeX engine: it reads the small language people use in titles, and where that fails (a matrix, a
macro of the author's own) the source of that fragment stays as it is. Symbols, superscripts and
subscripts come from the tables of `unicodeit <https://github.com/svenkreiss/unicodeit>`_; its own
``replace`` is not used because it takes ``\\log`` for ``\\l`` + ``og`` and costs milliseconds.
"""

from digest.latex.prose import readable

__all__ = ["readable"]
