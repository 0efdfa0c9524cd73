"""Text dumps of a daily-papers page: what a person gets who copies, prints or scrapes it.

text → ``lines`` (markup undone) → ``blocks`` (what each stretch is) → ``roles`` (title, abstract,
fact) → ``entries`` (papers) → listing. Every layout below has its head first (``new``, ``Get
trending papers in your email inbox!``, ``Subscribe``, ``byAK and the research community``, a
date); all but the dense one may state the listing's date. The examples are made up.

Blank lines, with or without facts below the abstract (``2`` is a count of comments)::

    Sparse Owls: Routing by Night

    We present an owl. It routes.

      • 7 authors
    ·
    Oct 17 2

Dense, with the button glued to the first title; a title may be broken over two lines::

    SubscribeSparse Owls: Routing by Night
    We present an owl. It routes.
    Dense Owls
    We present another. It does not.

Markdown with links; the number before a title counts its votes, the one after a date comments::

    [101](https://huggingface.co/login?next=%2Fpapers%2F2611.90001)
    ### [Sparse Owls: Routing by Night](https://huggingface.co/papers/2611.90001)
    [We present an owl. It routes.](https://huggingface.co/papers/2611.90001)
    [- 7 authors](https://huggingface.co/papers/2611.90001)
    ·
    May 29[6](https://huggingface.co/papers/2611.90001#community)

The same as a trending page: each paper twice, ``Submitted by`` before it, votes and code after::

    ### [Sparse Owls: Routing by Night](https://huggingface.co/papers/2611.90001)
    We present an owl. It routes.
    [[logo] Owl Lab](https://huggingface.co/owl-lab) · Published on Oct 4, 2026
    [Upvote
    117](https://huggingface.co/login?next=%2Fpapers%2F2611.90001)
    [GitHub 131](https://github.com/owl-lab/owls) [arXiv Page](https://arxiv.org/abs/2611.90001)

Numbered links, hard-wrapped at 120, where ``[32]: https://…`` at the end may say what they mean::

    [
    65
    ][31]
    ### [Sparse Owls: Routing by Night][32]
    [
    We present an owl.
    It routes.
    ][33]
    [
    * 7 authors
    ][34]
    ·
    Mar 8, 2024 [ 6][35]

One address per line, each below the words it belongs to::

    [-] 5
    https://huggingface.co/login?next=%2Fpapers%2F2611.90001
    Sparse Owls: Routing by Night
    https://huggingface.co/papers/2611.90001

Counts may run together (``·8 authors21``): the digits after ``authors`` are read as comments.
"""

from digest.ingest.dump.parse import looks_like_dump, names_itself, parse_dump

__all__ = ["looks_like_dump", "names_itself", "parse_dump"]
