"""What watches a run while it goes: progress for people, and an orderly stop."""

import collections
import signal
import sys
import time

import keras
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

LINE_SECONDS = 15  # between two lines where the output is no terminal


class ProgressBar(keras.callbacks.Callback):
    """Epoch, loss, tokens a second and time left: a bar on a terminal, a line now and then elsewhere.

    Args:
        total_steps: int, steps of the whole run.
        tokens_per_step: float, source and target tokens of a step on average, padding not counted.
        seconds_left: callable giving the seconds until the time limit, or infinity.
        done: int, steps done before this start.
    """

    def __init__(self, total_steps, tokens_per_step, seconds_left, done=0):
        super().__init__()
        self.total_steps = total_steps
        self.tokens_per_step = tokens_per_step
        self.seconds_left = seconds_left
        self.done = done
        self.recent = collections.deque(maxlen=100)  # (time, step): speed is that of the last steps
        self.epoch = 0
        self.last_line = float("-inf")
        console = Console(stderr=True)
        self.bar = None
        if console.is_terminal:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[text]}"),
            )
            self.bar = Progress(*columns, console=console)
            self.task = self.bar.add_task("training", total=total_steps, completed=done, text="compiling")

    def __enter__(self):
        if self.bar:
            self.bar.start()
        else:
            self._print("compiling the training step")
        return self

    def __exit__(self, *_):
        if self.bar:
            self.bar.stop()

    def on_train_batch_end(self, batch, logs=None):
        now = time.monotonic()
        self.done += 1
        self.recent.append((now, self.done))
        if self.bar is None and now - self.last_line < LINE_SECONDS:
            return
        text = self._text(now, float(logs["loss"]))
        if self.bar:
            self.bar.update(self.task, completed=self.done, text=text)
        else:
            self.last_line = now
            self._print(f"step {self.done}/{self.total_steps}  {text}")

    def _text(self, now, loss):
        then, step = self.recent[0]
        if step == self.done:
            return f"epoch {self.epoch}  loss {loss:.3f}"
        speed = (self.done - step) / (now - then)
        left = min((self.total_steps - self.done) / speed, max(self.seconds_left(), 0))
        rate = speed * self.tokens_per_step
        return f"epoch {self.epoch}  loss {loss:.3f}  {rate:,.0f} tokens/s  {left // 60:.0f}:{left % 60:02.0f} left"

    def say(self, text):
        """Print a line that stays, above the bar."""
        if self.bar:
            self.bar.console.print(text, highlight=False)
        else:
            self._print(text)

    def _print(self, text):
        print(text, file=sys.stderr, flush=True)


class OrderlyStop(keras.callbacks.Callback):
    """Stop after the step in which Ctrl-C or SIGTERM came, or the time was up, so that nothing is half done.

    So it does where the optimizer is stuck, which on JAX is seen only when `fit` ends.

    A second Ctrl-C stops at once, and so does the first where several processes train together: the others would wait
    for this one in the middle of a step.

    Args:
        seconds_left: callable giving the seconds until the time limit, or infinity.
        is_alone: bool, whether this process trains by itself.
    """

    def __init__(self, seconds_left, is_alone=True):
        super().__init__()
        self.seconds_left = seconds_left
        self.signals = (signal.SIGINT, signal.SIGTERM) if is_alone else ()
        self.reason = None

    def __enter__(self):
        self._handlers = {}
        for number in self.signals:
            try:
                self._handlers[number] = signal.signal(number, self._handle)
            except ValueError:  # not the main thread: whoever runs us handles signals
                break
        return self

    def __exit__(self, *_):
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _handle(self, number, frame):
        if self.reason == "signal":
            raise KeyboardInterrupt
        self.reason = "signal"

    def on_train_batch_end(self, batch, logs=None):
        if self.reason is None and self.seconds_left() <= 0:
            self.reason = "time"
        is_known = keras.backend.backend() != "jax"  # whose `fit` keeps the variables to itself
        if self.reason or (is_known and self.model.optimizer.is_stuck):
            self.model.stop_training = True
