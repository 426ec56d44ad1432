"""Pages of our own on paper: HTML of our templates in, a PDF out.

    printing    the console's side: one process for one document, then dead
    worker      that process, shut in (the room sandbox/) with a window on the machine's fonts
    font_tools  what that process loads only when a page needs it
    orders      how much a document may cost, and why there is none

Laws: nothing is fetched but pictures that stand in the page themselves (`data:`) or come beside it
(`picture:`); nothing is written but the answer; whoever makes the page bounds what is in it, and
escapes every word. The library that sets the type is loaded there only, so that its memory goes
when it ends; and that process loads nothing of the console's side, so nothing is imported here.
"""
