"""The registrar's work: who stands behind which alias, and the codes that stand in for them.

    book       who is a member, and what was done, why and by whom       (pure)
    book_json  the book as JSON, with a version                           (pure)
    merging    two registrars' books made one                             (pure)
    keeping    the book in the registrar's folder: signed, sealed, replaced whole
    making     fresh codes, and their halves
    registrar  every deed, in an order that survives a crash
    cards      codes on paper, with QR codes that carry none
    links      where people reach the bot

Laws: a name is in the book and nowhere else; a code is on paper or on the screen once, and nowhere
else; the desk gets halves.
"""
