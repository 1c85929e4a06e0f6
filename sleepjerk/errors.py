"""The one error of the night side: input that can't be used. Knows nothing else.

Raised with one clear sentence (file, line, what was found, what to do); the command line prints that
sentence and ends with exit code 2. Damage *inside* a usable recording is never an error: it is data.
"""


class InputError(ValueError):
    """A file, option or table that can't be used; its text is one sentence for the person who gave it."""
