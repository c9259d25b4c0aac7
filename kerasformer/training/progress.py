"""The progress of a run for people, and its orderly stop."""

import collections
import signal
import sys
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

LINE_SECONDS = 15  # between two lines where the output is no terminal


class ProgressBar:
    """Epoch, loss, tokens per second and time left: a bar on a terminal, otherwise a line every `LINE_SECONDS`.

    Args:
        total_steps: int, steps of the whole run.
        tokens_per_step: float, source and target tokens of a step on average, without padding.
        seconds_left: callable giving the seconds until the time limit, or infinity.
        done: int, steps done before this start.
    """

    def __init__(self, total_steps, tokens_per_step, seconds_left, done=0):
        self.total_steps = total_steps
        self.tokens_per_step = tokens_per_step
        self.seconds_left = seconds_left
        self.done = done
        self.recent = collections.deque(maxlen=100)  # (time, step) of the last steps, for the speed
        self.last_line = float("-inf")
        console = Console(stderr=True)
        self.bar = None
        if console.is_terminal:
            text = [TextColumn("{task.description}"), TextColumn("{task.fields[text]}")]
            self.bar = Progress(text[0], BarColumn(), TimeElapsedColumn(), text[1], console=console)
            self.task = self.bar.add_task("training", total=total_steps, completed=done, text="preparing")

    def __enter__(self):
        if self.bar:
            self.bar.start()
        else:
            self._print("preparing the first step")
        return self

    def __exit__(self, *_):
        if self.bar:
            self.bar.stop()

    def advance(self, epoch, loss):
        """Count a step.

        Args:
            epoch: int, its number from 1.
            loss: what `float` takes; read only where it is shown.
        """
        now = time.monotonic()
        self.done += 1
        self.recent.append((now, self.done))
        if self.bar:
            self.bar.update(self.task, completed=self.done, text=self._text(now, epoch, float(loss)))
        elif now - self.last_line >= LINE_SECONDS:
            self.last_line = now
            self._print(f"step {self.done}/{self.total_steps}  {self._text(now, epoch, float(loss))}")

    def _text(self, now, epoch, loss):
        then, step = self.recent[0]
        if step == self.done:
            return f"epoch {epoch}  loss {loss:.3f}"
        speed = (self.done - step) / (now - then)
        left = min((self.total_steps - self.done) / speed, max(self.seconds_left(), 0))
        rate = speed * self.tokens_per_step
        return f"epoch {epoch}  loss {loss:.3f}  {rate:,.0f} tokens/s  {left // 60:.0f}:{left % 60:02.0f} left"

    def say(self, text):
        """Print a line that stays, above the bar."""
        if self.bar:
            self.bar.console.print(text, highlight=False)
        else:
            self._print(text)

    def _print(self, text):
        print(text, file=sys.stderr, flush=True)


class OrderlyStop:
    """Stops training after the step in which Ctrl-C or SIGTERM came or the time limit was reached.

    A second Ctrl-C stops at once. Where several processes train together the first one does, because the others would
    wait for this process in the middle of a step.

    Args:
        seconds_left: callable giving the seconds until the time limit, or infinity.
        is_alone: bool, whether this process trains by itself.

    Attributes:
        reason: None, "signal" or "time".
    """

    def __init__(self, seconds_left, is_alone=True):
        self.seconds_left = seconds_left
        self.signals = (signal.SIGINT, signal.SIGTERM) if is_alone else ()
        self.reason = None

    def __enter__(self):
        self._handlers = {}
        for number in self.signals:
            try:
                self._handlers[number] = signal.signal(number, self._handle)
            except ValueError:  # not the main thread, which alone can handle signals
                break
        return self

    def __exit__(self, *_):
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _handle(self, number, frame):
        if self.reason == "signal":
            raise KeyboardInterrupt
        self.reason = "signal"

    def is_due(self):
        """Whether to stop now."""
        if self.reason is None and self.seconds_left() <= 0:
            self.reason = "time"
        return self.reason is not None
