"""Recordings in stores that fsspec reaches by URL: which there are, and one as a file of this computer.

Knows fsspec, and what of a URL is told to nobody. Must not know jobs. Keys and endpoints are the store's own settings,
in the environment of each computer, and never travel.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sleepjerk.errors import InputError
from sleepjerk.filenames import beside, is_recording
from sleepjerk.reading.source import room_for_it

# By what a store tells one version of a file from another: the best first.
_VERSIONS = (
    *("ETag", "etag", "sha", "Last-Modified", "LastModified", "last_modified"),
    *("updated", "modified", "modify", "mtime", "created"),
)
# A user and password, and what may be a signature; a repository of GitHub is written like a password.
_SECRETS = (
    re.compile(r"(https?://|(?<!github)://[^/:@\s]*:)([^/\s]+)(?=@)"),
    re.compile(r"(https?://[^\s?]*\?)(\S+)"),
)
_SHOWN = 150  # plain: signs of what a library says
_ADVICE = "check address, network, and the store's keys and endpoint in the environment; then type the same line again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A recording that was found.

    Attributes
    ----------
    name
        Path or URL as it is `told`, and kept.
    mark
        What changes with the file, as far as can be told.
    store
        A URL in the store where it lies; "" for a file of this computer.
    path
        Where it lies there.
    """

    name: str
    mark: str
    store: str = field(default="", repr=False)
    path: str = field(default="", repr=False)

    @property
    def place(self) -> Path:
        """Where it lies, without the rest of an address; its results are named after it."""
        return _place(self.path or self.name)


def told(text: str) -> str:
    """A text without the passwords and signatures of URLs in it, in signs that any terminal and file can hold."""
    for secret in _SECRETS:
        text = secret.sub(r"\1***", text)
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def find_in_store(url: str) -> list[Found]:
    """The recordings that a URL of a file, a folder or a pattern stands for, sorted.

    Raises
    ------
    InputError
        It can't be listed, or holds none.
    """
    with _store(url, told(url), "listed") as (system, path):
        try:
            files = {path: system.info(path)}
        except FileNotFoundError:
            files = system.glob(path, detail=True)
        else:
            if files[path]["type"] != "file" or not is_recording(_place(path).name):
                files = system.find(path, detail=True)
        head, chain, rest = url.partition("::")
        before = head[: head.rfind(path)] if path and path in head else f"{head.removesuffix('/')}/"
        found = [
            Found(
                name=told(f"{before}{one}{chain}{rest}"),
                mark=f"{info['size']} {next((info[key] for key in _VERSIONS if info.get(key)), None)}",
                store=url,
                path=one,
            )
            for one, info in sorted(files.items())
            if info["type"] == "file" and is_recording(_place(one).name)
        ]
        if not found:
            raise InputError(f"{told(url)}: there is no such place, or no recording there; check its address")
        return found


def fetch(found: Found, folder: Path) -> Path:
    """Fetch a recording, once, and what lies beside it.

    Returns
    -------
    Path
        In the folder, which is made.

    Raises
    ------
    InputError
        It can't be fetched; `__cause__` is then an OSError: it may be there another time.
    """
    with _store(found.store, found.name, "fetched") as (system, _):
        here = folder / found.place.name
        folder.mkdir()
        system.get_file(found.path, str(here))
        above, slash, name = _bare(found.path).rpartition("/")
        for there, other in zip(beside(name), beside(here.name), strict=True):
            (folder / other).parent.mkdir(exist_ok=True)
            # A store that nobody may list refuses what isn't there.
            with contextlib.suppress(FileNotFoundError, PermissionError):
                system.get_file(f"{above}{slash}{there}", str(folder / other))
    return here


def _bare(path: str) -> str:
    """Without a query: of all stores the web alone has whole URLs for paths, with that, and quoted."""
    return path.partition("?")[0] if "://" in path else path


def _place(path: str) -> Path:
    return Path(unquote(_bare(path)) if "://" in path else path)


@contextlib.contextmanager
def _store(url: str, name: str, done: str) -> Iterator[tuple[Any, str]]:
    """The file system behind a URL, and the path there, to see something `done` with what is called `name`."""
    try:
        import fsspec
    except ImportError as error:
        raise InputError(f"{name}: to read a URL type: pip install 'sleepjerk[cluster]'") from error
    # In one stream: else s3fs holds up to ten pieces of 50 MB at once.
    fsspec.config.conf.setdefault("s3", {}).setdefault("max_concurrency", 1)
    try:
        with room_for_it(name):
            yield fsspec.core.url_to_fs(url)
    except InputError:
        raise
    except Exception as error:  # each store's library has its own
        why = " ".join(str(error).split()) or type(error).__name__
        for secret in _SECRETS:
            for _, text in secret.findall(url):
                why = why.replace(text, "***")
        advice = "install that, here and on every worker" if isinstance(error, ImportError) else _ADVICE
        raise InputError(f"{name}: can't be {done} ({told(why)[:_SHOWN]}); {advice}") from OSError(why)
