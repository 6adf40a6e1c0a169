"""Where policies are read from: the library by name, files, and folders of files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from foretell.model.errors import PolicyError
from foretell.model.policy import Policy

LIBRARY = Path(__file__).resolve().parent / "library"
LARGEST = 256 * 1024
"""How many bytes a file may have."""
MOST_FILES = 1000
SUFFIX = ".lp"


def library() -> tuple[str, ...]:
    """The names of the policies that come along, in order."""
    return tuple(sorted(path.stem for path in LIBRARY.glob(f"*{SUFFIX}")))


def read_policies(names: Iterable[str]) -> tuple[Policy, ...]:
    """The policies of the library, of files and of folders, in the order given, each once.

    Raises PolicyError for what is neither, or can't be read.
    """
    found: dict[str, Policy] = {}
    for name in names:
        for path, source in _files(name):
            if source not in found:
                found[source] = Policy(source=source, text=_text(path, source))
    return tuple(found.values())


def _files(name: str) -> Iterator[tuple[Path, str]]:
    """The files that a name stands for, each with what it is called."""
    path = Path(name)
    if name and path.is_dir():
        yield from ((each, str(each)) for each in _in_folder(path))
    elif name and (path.exists() or path.is_symlink() or name.endswith(SUFFIX) or os.sep in name):
        yield path, str(path)
    elif name in library():
        yield LIBRARY / f"{name}{SUFFIX}", name
    else:
        near = get_close_matches(name, library(), n=1)
        guess = f": did you mean {near[0]}?" if near else " (foretell check --library lists it)"
        raise PolicyError(f"{name!r} is neither a file, nor a folder, nor a policy of the library{guess}")


def _in_folder(folder: Path) -> list[Path]:
    """The policies of a folder and of those in it; a link may not lead out of it."""
    within = folder.resolve()
    files = sorted(path for path in folder.rglob(f"*{SUFFIX}") if not path.is_dir())
    if not files:
        raise PolicyError(f"{folder}: there is no policy in it: expected files that end in {SUFFIX}")
    if len(files) > MOST_FILES:
        raise PolicyError(f"{folder}: there are more than {MOST_FILES:,} policies in it")
    for path in files:
        if not path.resolve().is_relative_to(within):
            raise PolicyError(f"{path}: it leads out of its folder")
    return files


def _text(path: Path, source: str) -> str:
    """What a file holds; raises PolicyError where that isn't a text of moderate length."""
    try:
        # What isn't a file, such as a pipe, may keep whoever opens it waiting.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise PolicyError(f"{source}: {(error.strerror or 'it can not be read').lower()}") from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise PolicyError(f"{source}: it is no file")
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise PolicyError(f"{source}: it is larger than {LARGEST // 1024} KiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PolicyError(f"{source}:{line}:1: it isn't UTF-8") from None
