"""Watches: callbacks that are told of every change, in order, whichever process made it."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType

from foretell.api.store.infos import Event
from foretell.api.store.source import Source

Callback = Callable[[str, int], None]
_LOG = logging.getLogger(__name__)


class Watch:
    """Somebody who is told of changes until `close`."""

    def __init__(self, hub: Hub, callback: Callback) -> None:
        self._hub, self.callback = hub, callback

    def close(self) -> None:
        """Be told no more; waits for the listening thread to end where nobody else watches."""
        self._hub.leave(self)

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Hub:
    """All watches of a store; it listens to other processes while there are any."""

    def __init__(self, make_source: Callable[[], Source]) -> None:
        self._make_source = make_source
        self._source: Source | None = None
        self._watches: dict[Watch, None] = {}
        self._events: deque[Event] = deque()
        self._telling = False
        self._lock = threading.Lock()
        self._sourcing = threading.Lock()

    def join(self, callback: Callback) -> Watch:
        """Tell a callback of every change after this."""
        watch = Watch(self, callback)
        with self._sourcing:
            with self._lock:
                self._watches[watch] = None
            if self._source is None:
                self._source = self._make_source()
                self._source.start()
        return watch

    def leave(self, watch: Watch) -> None:
        """Tell a watch no more."""
        with self._sourcing, self._lock:
            self._watches.pop(watch, None)
            source = self._idle_source()
        self._stop(source)

    def close(self) -> None:
        """Tell nobody any more."""
        with self._sourcing, self._lock:
            self._watches.clear()
            source = self._idle_source()
        self._stop(source)

    def _idle_source(self) -> Source | None:
        """The source that nobody needs any more."""
        if self._watches:
            return None
        source, self._source = self._source, None
        return source

    def _stop(self, source: Source | None) -> None:
        """Stop a source; no lock is held, as its thread may be in a callback that closes a watch."""
        if source is None:
            return
        source.stop()
        with self._sourcing:
            if self._source is None:
                source.news.lost()

    def tell(self, events: Iterable[Event]) -> None:
        """Tell all watches.

        One thread tells at a time, and holds no lock meanwhile: events that come up are left to that thread,
        so they arrive in order, and a callback may use the store.
        """
        with self._lock:
            self._events.extend(events)
            if self._telling:
                return
            self._telling = True
        while True:
            with self._lock:
                if not self._events:
                    self._telling = False
                    return
                event, watches = self._events.popleft(), tuple(self._watches)
            for watch in watches:
                try:
                    watch.callback(*event)
                except Exception:
                    # The change is made, and whoever made it must not be told that it failed.
                    _LOG.exception("a watch failed on %s", event)
