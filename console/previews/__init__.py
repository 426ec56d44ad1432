"""A stranger's file made fit to look at: its kind, and a harmless likeness of it.

    glance    a file's two ends and a few marks in it, in one pass
    kinds     what a file is, by its bytes; never by what its sender said
    hazards   what it may do to whoever opens it elsewhere
    worker    a process of its own, `shut` in (the room sandbox/): draws `pictures` and the pages of
              PDFs (`sheets`) anew
    drawer    another, for pictures on paper alone
    reader    another, for the text and the hazards of PDFs (`papers`), `documents` and what is
              `plain`
    drawing   the other side of it: a bounded number of workers, each for one file, then dead
    looked    all of it together: one file as it was looked at
    passing   what a file may do that is only passing by, on its way to the disk
    orders    what is asked, and the numbers of both

Laws: bytes live in memory only; the bytes of a picture or a PDF that somebody sent never reach the
browser; what cannot be shown is named with a reason, in bounded time and memory. A
worker loads nothing of the console's side, so nothing is imported here.
"""
