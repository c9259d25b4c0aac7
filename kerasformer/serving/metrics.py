"""What the service counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from kerasformer.serving.engine import Watch

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SENTENCES = (1, 2, 4, 8, 16, 32, 64)


class Metrics(Watch):
    """The counters of one service."""

    def __init__(self):
        self.registry = registry = CollectorRegistry()
        made = {"registry": registry}
        self._requests = Counter("kerasformer_requests", "Requests", ["route", "status"], **made)
        self._stages = Histogram(
            "kerasformer_stage_seconds",
            "Seconds of a request: all of it, and of its sentences in the queue and in a worker",
            ["stage"],
            buckets=_SECONDS,
            **made,
        )
        self._batches = Histogram("kerasformer_batch_sentences", "Sentences of a batch", buckets=_SENTENCES, **made)
        self._characters = Counter("kerasformer_characters", "Characters that were translated", **made)
        self._died = Counter("kerasformer_workers_died", "Workers that ended without being stopped", **made)
        self._errors = Counter("kerasformer_errors", "Requests that were refused or failed", ["status"], **made)
        self._queue = Gauge("kerasformer_queue_sentences", "Sentences waiting or being translated", **made)
        self._workers = Gauge("kerasformer_workers", "Workers that have their models", **made)
        self._models = Gauge("kerasformer_model", "Models that are served", ["name", "version", "form"], **made)

    def batch(self, jobs, seconds):
        """Count a batch; see `Watch`."""
        self._batches.observe(len(jobs))
        self._characters.inc(sum(job.size for job in jobs))
        self._stages.labels("worker").observe(seconds)

    def waited(self, seconds):
        """Count how long a job waited; see `Watch`."""
        self._stages.labels("queue").observe(seconds)

    def died(self):
        """Count a worker that died; see `Watch`."""
        self._died.inc()

    def request(self, route, status, seconds):
        """Count a request."""
        self._requests.labels(route, status).inc()
        self._stages.labels("request").observe(seconds)
        if status >= 400:
            self._errors.labels(status).inc()

    def text(self, service):
        """All of it in the text format of Prometheus, bytes."""
        self._queue.set(service.waiting)
        self._workers.set(len(service.engine.working))
        self._models.clear()
        for model in service.models:
            self._models.labels(model.name, model.version, service.engine.about[model.key]["form"]).set(1)
        return generate_latest(self.registry)
