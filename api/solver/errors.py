"""What can go wrong with work that is done in a worker, apart from what the work itself refuses."""

from __future__ import annotations

from foretell.model.errors import ForetellError


class TimeLimitError(ForetellError):
    """A task worked for longer than `seconds`, and was ended."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the task took more than {seconds:g} s and was ended")
        self.seconds = seconds


class HoldLimitError(TimeLimitError):
    """A stream's reader let the worker wait for longer than `seconds`, and the stream was ended."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.args = (f"the stream waited more than {seconds:g} s for its reader and was ended",)


class MemoryLimitError(ForetellError):
    """A task needed more memory than its worker may take, `most` bytes, and was ended."""

    def __init__(self, most: int) -> None:
        super().__init__(f"the task took more than {most / 2**20:,.0f} MiB of memory and was ended")
        self.most = most


class BusyError(ForetellError):
    """No worker was free, or the queue was full; `waited` says for how many seconds the task had waited."""

    def __init__(self, waited: float) -> None:
        super().__init__(f"the solver is busy: no worker was free within {waited:.1f} s, ask again later")
        self.waited = waited


class StoppingError(BusyError):
    """The pool is being stopped, was stopped, or was never started."""

    def __init__(self, waited: float = 0.0) -> None:
        super().__init__(waited)
        self.args = ("the solver takes no tasks now: it is not running",)


class WorkerLostError(ForetellError):
    """A worker ended in the middle of a task for no known reason; `how` is such as `signal 11`."""

    def __init__(self, how: str) -> None:
        super().__init__(f"the worker that had the task ended before it was done ({how})")
        self.how = how


class SolverFaultError(ForetellError):
    """A handler failed on its own account; what happened is in the log alone."""

    def __init__(self, task: str) -> None:
        super().__init__(f"the solver failed in the task {task!r}; its log says why")
        self.task = task


class StartError(ForetellError):
    """A worker didn't get as far as taking tasks."""
