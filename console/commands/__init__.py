"""The commands of saisaat-console, by what they are about. They print; what they do is done
elsewhere.
"""
