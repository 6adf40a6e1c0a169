"""Where news of other processes' commits comes from: a thread that listens while anybody watches."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

_PATIENCE = 10.0
"""Seconds that starting waits until the thread listens; it goes on trying afterwards."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
"""Seconds between attempts: doubled after each failure."""


class Report(Enum):
    """Which clusters are reported when all heads are read: none, those that changed, or every one."""

    NONE = "none"
    CHANGED = "changed"
    ALL = "all"


class News(NamedTuple):
    """What a source calls: to read all heads anew, when it heard a text, and when it lost contact."""

    refresh: Callable[[Report], None]
    heard: Callable[[str], None]
    lost: Callable[[], None]


class Source(ABC):
    """Listens in a thread of its own until it is stopped, and again after every failure."""

    def __init__(self, news: News) -> None:
        self.news = news
        self._ready, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="foretell-watch", daemon=True)

    def start(self) -> None:
        """Begin to listen; what is committed after this is heard."""
        self._thread.start()
        self._ready.wait(_PATIENCE)

    def stop(self) -> None:
        """Listen no more, and wait for the thread to end."""
        self._stopped.set()
        self.wake()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def ready(self) -> None:
        """Called by `listen` as soon as nothing is missed any more."""
        self._pause = FIRST_PAUSE
        self._ready.set()

    def pause(self, seconds: float) -> bool:
        """Wait; whether it was meanwhile (or before) stopped."""
        return self._stopped.wait(seconds)

    @property
    def stopped(self) -> bool:
        """Whether it is to end."""
        return self._stopped.is_set()

    def _run(self) -> None:
        self._pause, first = FIRST_PAUSE, Report.NONE
        while not self.stopped:
            self.listen(first)
            first = Report.ALL
            if not self.stopped:
                self.news.lost()
                self.pause(self._pause)
                self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def wake(self) -> None:  # noqa: B027  a thread that only pauses is woken by the event
        """End a wait of `listen`."""

    @abstractmethod
    def listen(self, first: Report) -> None:
        """Listen until stopped or until contact is lost; `first` says what to report when it begins."""
