"""How a page is filled from a template: the one place that makes an environment of jinja2. Must not know any page.

Everything is escaped, without exception, but for what is marked as safe. An undefined name fails. Control characters
and lone surrogates of foreign texts are replaced, so that a page is always valid UTF-8.
"""

import re
from typing import Any

import jinja2
from markupsafe import Markup

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def environment(loader: jinja2.BaseLoader) -> jinja2.Environment:
    """The templates that a loader finds, each compiled once."""
    return jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=loader,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
        optimized=False,  # folding constants takes longer than it saves in a page that is filled once
    )


def _printable(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNPRINTABLE.sub("\ufffd", value)
    return value
