"""The kinds of question: what each shows, and how it takes an answer. One small class each."""
