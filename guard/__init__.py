"""The guard: finds numbers and addresses that lead to somebody, in Thai and English text.

Pure, imports nothing of ours. The conversation asks a person about what they gave away in passing;
the console blacks it out of what leaves the house. This is the doorway.

    looking     what counts as a phone number, a national ID, an address …
    data/       the words around them
"""

from guard.looking import CONTACTS, KINDS, Found, Guard, Looked, load_guard

__all__ = ["CONTACTS", "KINDS", "Found", "Guard", "Looked", "load_guard"]
