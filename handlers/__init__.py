"""Conversations as data: what a person can say, what the bot asks, and nothing else.

Owns the engine, the question kinds, the flows and every word said to a reporter. Refuses to know
channels, databases, seals and clocks: days, ids and facts arrive as arguments. Nothing here does
input or output, except that `book.load_book` reads the words and data shipped beside the code.
"""
