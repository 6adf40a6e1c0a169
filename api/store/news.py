"""News: what this process changes and what it hears from others, told to those who watch."""

from __future__ import annotations

from collections.abc import Iterable

from foretell.api.store import heads
from foretell.api.store.engine import Database
from foretell.api.store.errors import UnknownClusterError
from foretell.api.store.infos import Event, Infos
from foretell.api.store.notice import notice_of
from foretell.api.store.source import News, Report
from foretell.api.store.watch import Callback, Hub, Watch


class Newsroom:
    """Keeps the knowledge of clusters fresh while somebody watches."""

    def __init__(self, database: Database, infos: Infos) -> None:
        self._database, self._infos = database, infos
        news = News(refresh=self._refresh, heard=self._heard, lost=infos.lost)
        self._hub = Hub(lambda: database.source(news))

    def watch(self, callback: Callback) -> Watch:
        """Tell a callback of every change from now on."""
        return self._hub.join(callback)

    def tell(self, events: Iterable[Event]) -> None:
        """Tell all watches."""
        self._hub.tell(events)

    def close(self) -> None:
        """Tell nobody any more."""
        self._hub.close()

    def _refresh(self, report: Report) -> None:
        since = self._infos.count()
        with self._database.reading() as connection:
            found = heads.every(connection)
        self.tell(self._infos.refresh(found, since, report=report))

    def _heard(self, text: str) -> None:
        notice = notice_of(text)
        if notice is None:
            return
        if not notice.head:
            self.tell(self._infos.forget(notice.cluster_id, notice.name))
            return
        events = self._infos.advance(notice.cluster_id, notice.name, notice.head, notice.objects)
        if events is None:
            events = self._look_up(notice.cluster_id)
        self.tell(events)

    def _look_up(self, cluster_id: int) -> tuple[Event, ...]:
        """Learn of a cluster that is new here, and may be gone again."""
        try:
            with self._database.reading() as connection:
                return self._infos.learn(heads.numbered(connection, cluster_id))
        except UnknownClusterError:
            return ()
