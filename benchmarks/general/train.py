"""Train a teacher for both directions on a GPU, translate the corpus with it, and train two small students.

    python benchmarks/general/prepare.py --data-dir DATA --out runs/general
    python benchmarks/general/train.py --mode full --data runs/general/data.npz --out runs/general --seconds 566
    python benchmarks/general/more.py runs/general runs/general-more 106
    python benchmarks/general/bundles.py runs/general-more runs/general-more/bundles

This is the program of one experiment, in one file, and no part of the product: a copy of the Transformer in plain JAX,
its optimizer, greedy search and a time limit. It trained the models in kerasformer/pretrained on one GPU, before its
lines were formatted: the teacher (48.3 M parameters) for 235 s and 5,640 steps, its translations in 57 s, each student
(8.9 M parameters) for 8,240 steps in 242 s together, and for 3,040 steps more by more.py in 89 s. Nobody has run it for
other sizes, corpora or languages. A test compares its logits with those of kerasformer's Transformer, whose weights are
the same vector in another order (`weights_for_keras`). `--toy` runs all of it on a CPU with tiny models.

Reference: Kim and Rush 2016, "Sequence-Level Knowledge Distillation".
"""

import argparse
import ctypes
import functools
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np

START, TEMPORARY = time.time(), tempfile.gettempdir()
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
from jax import lax  # noqa: E402


def _library():
    """The functions of fast.c, which is compiled with gcc, or was compiled to fast.so before."""
    here = os.path.dirname(os.path.abspath(__file__))
    own = f"{TEMPORARY}/fast-{os.getpid()}.so"
    try:
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", own, f"{here}/fast.c"], check=True, capture_output=True)
        library = ctypes.CDLL(own)
    except (OSError, subprocess.CalledProcessError):
        library = ctypes.CDLL(f"{here}/fast.so")  # built beforehand
    library.place.restype = ctypes.c_int64
    return library


_FAST = _library()


def _call(function, *arguments):
    found = []
    for x in arguments:
        found.append(ctypes.c_int64(x) if isinstance(x, int) else x.ctypes.data_as(ctypes.c_void_p))
    return function(*found)


PAD, UNK, BOS, EOS = 0, 1, 2, 3
WIDTH = 128


def say(*words):
    print(f"[{time.time() - START:6.1f}]", *words, flush=True)


# ---------------------------------------------------------------- ragged ids


class Ragged:
    """Lists of token ids in one flat array."""

    def __init__(self, flat, lengths):
        self.flat, self.lengths = np.asarray(flat, "uint16"), np.asarray(lengths, "int64")
        self.starts = np.concatenate([[0], np.cumsum(self.lengths)[:-1]]).astype("int64")

    def __len__(self):
        return len(self.lengths)

    def take(self, which):
        which = np.asarray(which)
        lengths = self.lengths[which]
        return Ragged(self.flat[_ranges(self.starts[which], lengths)], lengths)

    def join(self, groups):
        """Each row of `groups` (count, members), -1 for none, becomes one list."""
        members = groups.ravel()
        lengths = np.where(groups >= 0, self.lengths[groups], 0).sum(1)
        return Ragged(self.take(members[members >= 0]).flat, lengths)

    def framed(self, before=(), after=()):
        extra = len(before) + len(after)
        lengths = self.lengths + extra
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype("int64") if len(lengths) else lengths
        flat = np.empty(int(lengths.sum()), "uint16")
        for i, token in enumerate(before):
            flat[starts + i] = token
        for i, token in enumerate(after):
            flat[starts + lengths - len(after) + i] = token
        flat[_ranges(starts + len(before), self.lengths)] = self.flat
        return Ragged(flat, lengths)

    @staticmethod
    def concatenate(parts):
        return Ragged(np.concatenate([p.flat for p in parts]), np.concatenate([p.lengths for p in parts]))


def _ranges(starts, lengths):
    total = int(lengths.sum())
    ends = np.cumsum(lengths)
    return np.arange(total) - np.repeat(ends - lengths, lengths) + np.repeat(starts, lengths)


def _place(source, target, width, count):
    source, target = (np.ascontiguousarray(x, "int64") for x in (source, target))
    row, at_s, at_t = (np.empty(len(source), "int64") for _ in range(3))
    rows = _call(_FAST.place, source, target, len(source), width, count, row, at_s, at_t)
    return row, at_s, at_t, rows


def pack(source, target, rng, tag=None, count=48):
    """Pairs in rows, uint16 (rows, 2, WIDTH): sources end with EOS (and begin with `tag`), targets begin with BOS."""
    source, target = source.framed([] if tag is None else [tag], [EOS]), target.framed([BOS])
    fits = np.flatnonzero((source.lengths <= WIDTH) & (target.lengths <= WIDTH) & (target.lengths > 1))
    order = rng.permutation(fits)
    source, target = source.take(order), target.take(order)
    row, at_s, at_t, rows = _place(source.lengths, target.lengths, WIDTH, count)
    packed = np.zeros((rows, 2, WIDTH), "uint16")
    for side, (ids, at) in enumerate(((source, at_s), (target, at_t))):
        packed.reshape(-1)[_ranges((row * 2 + side) * WIDTH + at, ids.lengths)] = ids.flat
    return packed


# ---------------------------------------------------------------- the model


class Sizes:
    def __init__(self, vocab, hidden, inner, heads, encoder, decoder):
        self.vocab, self.hidden, self.inner, self.heads = vocab, hidden, inner, heads
        self.encoder, self.decoder = encoder, decoder
        shapes = {"embedding": (vocab, hidden)}

        def dense(name, a, b):
            shapes[f"{name}.kernel"], shapes[f"{name}.bias"] = (a, b), (b,)

        def norm(name):
            shapes[f"{name}.gamma"], shapes[f"{name}.beta"] = (hidden,), (hidden,)

        for stack, depth in (("encoder", encoder), ("decoder", decoder)):
            for i in range(depth):
                block = f"{stack}_{i}"
                dense(f"{block}.self.qkv", hidden, 3 * hidden)
                dense(f"{block}.self.out", hidden, hidden)
                norm(f"{block}.self_norm")
                if stack == "decoder":
                    dense(f"{block}.memory.q", hidden, hidden)
                    dense(f"{block}.memory.kv", hidden, 2 * hidden)
                    dense(f"{block}.memory.out", hidden, hidden)
                    norm(f"{block}.memory_norm")
                dense(f"{block}.inner", hidden, inner)
                dense(f"{block}.outer", inner, hidden)
                norm(f"{block}.ff_norm")
            norm(f"{stack}_norm")
        self.shapes = shapes
        self.counts = {name: math.prod(shape) for name, shape in shapes.items()}
        self.total = sum(self.counts.values())

    def split(self, flat):
        found, at = {}, 0
        for name, shape in self.shapes.items():
            found[name] = flat[at : at + self.counts[name]].reshape(shape)
            at += self.counts[name]
        return found

    def join(self, weights, like=jnp):
        return like.concatenate([weights[name].reshape(-1) for name in self.shapes])

    def initial(self, seed):
        rng = np.random.default_rng(seed)
        found = {}
        for name, shape in self.shapes.items():
            if name == "embedding":
                value = rng.normal(size=shape) / math.sqrt(self.hidden)
            elif name.endswith("kernel"):
                fan_in, fan_out = self.hidden if shape[0] == self.hidden else shape[0], shape[1]
                if any(part in name for part in (".qkv", ".kv")):
                    fan_out = self.hidden
                limit = math.sqrt(6 / (fan_in + fan_out))
                value = rng.uniform(-limit, limit, size=shape)
            else:
                value = np.ones(shape) if name.endswith("gamma") else np.zeros(shape)
            found[name] = value.astype("float32")
        return self.join(found, np)


def positions_table(hidden):
    position = np.arange(WIDTH)[:, None]
    frequency = 10000.0 ** (-np.arange(0, hidden, 2) / hidden)
    table = np.empty((WIDTH, hidden))
    table[:, 0::2] = np.sin(position * frequency)
    table[:, 1::2] = np.cos(position * frequency)
    return table.astype("float32")


@jax.custom_vjp
def layer_norm(x, gamma, beta):
    return _norm_forward(x, gamma, beta)[0]


def _norm_forward(x, gamma, beta):
    wide = x.astype(jnp.float32)
    mean = wide.mean(-1, keepdims=True)
    rstd = lax.rsqrt(jnp.square(wide - mean).mean(-1, keepdims=True) + 1e-6)
    y = (wide - mean) * rstd * gamma + beta
    return y.astype(x.dtype), (x, mean, rstd, gamma)


def _norm_backward(kept, up):
    x, mean, rstd, gamma = kept
    up = up.astype(jnp.float32)
    normal = (x.astype(jnp.float32) - mean) * rstd
    axes = tuple(range(x.ndim - 1))
    d_gamma, d_beta = (up * normal).sum(axes), up.sum(axes)
    up = up * gamma
    dx = rstd * (up - up.mean(-1, keepdims=True) - normal * (up * normal).mean(-1, keepdims=True))
    return dx.astype(x.dtype), d_gamma, d_beta


layer_norm.defvjp(_norm_forward, _norm_backward)


def _mix(x):
    x = (x ^ (x >> 16)) * jnp.uint32(0x7FEB352D)
    x = (x ^ (x >> 15)) * jnp.uint32(0x846CA68B)
    return x ^ (x >> 16)


def _masked(x, rate, seed):
    number = lax.iota(jnp.uint32, math.prod(x.shape[:-1]))[:, None] * jnp.uint32(x.shape[-1])
    number = (number + lax.iota(jnp.uint32, x.shape[-1])[None]).reshape(x.shape)
    stays = _mix(number * jnp.uint32(2654435769) + seed) >= jnp.uint32(int(rate * 2**32))
    return jnp.where(stays, x * jnp.asarray(1 / (1 - rate), x.dtype), jnp.zeros((), x.dtype))


@functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
def _drop(x, rate, seed):
    return _masked(x, rate, seed)


_drop.defvjp(
    lambda x, rate, seed: (_masked(x, rate, seed), seed),
    lambda rate, seed, up: (_masked(up, rate, seed), None),
)


class Drop:
    """Dropout, each call of which has a seed of its own."""

    def __init__(self, rate, seed):
        self.rate, self.seed, self.calls = rate, seed, 0

    def __call__(self, x):
        if not self.rate:
            return x
        self.calls += 1
        return _drop(x, self.rate, _mix(self.seed + jnp.uint32(self.calls * 0x9E3779B9 & 0xFFFFFFFF)))


def dense(w, name, x):
    return x @ w[f"{name}.kernel"] + w[f"{name}.bias"]


def attend(q, k, v, mask):
    """q (batch, query, heads, dim), k and v (batch, key, heads, dim)."""
    scores = jnp.einsum("bqhd,bkhd->bhqk", q * (1 / math.sqrt(q.shape[-1])), k)
    scores = jnp.where(mask, scores.astype(jnp.float32), -1e9)
    weights = jax.nn.softmax(scores, axis=-1).astype(q.dtype)
    return jnp.einsum("bhqk,bkhd->bqhd", weights, v)


def heads_of(x, heads, parts):
    x = x.reshape(*x.shape[:-1], parts, heads, x.shape[-1] // parts // heads)
    return [x[..., i, :, :] for i in range(parts)]


def merged(x):
    return x.reshape(*x.shape[:-2], -1)


def normed(w, name, x):
    return layer_norm(x, w[f"{name}.gamma"], w[f"{name}.beta"])


def feed_forward(w, block, x, drop):
    inner = jax.nn.relu(dense(w, f"{block}.inner", normed(w, f"{block}.ff_norm", x)))
    return x + drop(dense(w, f"{block}.outer", inner))


def embed(sizes, w, table, ids, position, dtype):
    x = w["embedding"][ids].astype(dtype) * math.sqrt(sizes.hidden)
    return x + jnp.asarray(table)[position].astype(dtype)


def encode(sizes, w, x, mask, drop):
    for i in range(sizes.encoder):
        block = f"encoder_{i}"
        q, k, v = heads_of(dense(w, f"{block}.self.qkv", normed(w, f"{block}.self_norm", x)), sizes.heads, 3)
        x = x + drop(dense(w, f"{block}.self.out", merged(attend(q, k, v, mask))))
        x = feed_forward(w, block, x, drop)
    return normed(w, "encoder_norm", x)


def sentences(ids, has_bos):
    """Which sentence of its row each token is of, -1 for padding, and its position there."""
    place = lax.broadcasted_iota(jnp.int32, ids.shape, 1)
    begins = ids == BOS if has_bos else jnp.pad(ids[:, :-1] == EOS, ((0, 0), (1, 0)), constant_values=True)
    number = jnp.cumsum(begins.astype(jnp.int32), 1) - 1
    start = lax.cummax(jnp.where(begins, place, 0), axis=1)
    return jnp.where(ids == PAD, -1, number), jnp.where(ids == PAD, 0, place - start)


def hidden_states(sizes, w, source, target, drop, dtype):
    """What the logits are made of: (batch, WIDTH, hidden). `w`: float32 embedding and norms, the rest of `dtype`."""
    table = positions_table(sizes.hidden)
    of_source, at_source = sentences(source, False)
    of_target, at_target = sentences(target, True)

    def same(query, key):
        return ((query[:, :, None] == key[:, None, :]) & (key >= 0)[:, None, :])[:, None]

    x = drop(embed(sizes, w, table, source, at_source, dtype))
    memory = encode(sizes, w, x, same(of_source, of_source), drop)
    causal = jnp.tril(jnp.ones((target.shape[1],) * 2, bool))[None, None] & same(of_target, of_target)
    across = same(of_target, of_source)
    x = drop(embed(sizes, w, table, target, at_target, dtype))
    for i in range(sizes.decoder):
        block = f"decoder_{i}"
        q, k, v = heads_of(dense(w, f"{block}.self.qkv", normed(w, f"{block}.self_norm", x)), sizes.heads, 3)
        x = x + drop(dense(w, f"{block}.self.out", merged(attend(q, k, v, causal))))
        (q,) = heads_of(dense(w, f"{block}.memory.q", normed(w, f"{block}.memory_norm", x)), sizes.heads, 1)
        k, v = heads_of(dense(w, f"{block}.memory.kv", memory), sizes.heads, 2)
        x = x + drop(dense(w, f"{block}.memory.out", merged(attend(q, k, v, across))))
        x = feed_forward(w, block, x, drop)
    return normed(w, "decoder_norm", x)


@functools.partial(jax.custom_vjp, nondiff_argnums=(4,))
def smoothed_loss(x, table, labels, weight, smoothing):
    return _loss_forward(x, table, labels, weight, smoothing)[0]


def _loss_forward(x, table, labels, weight, smoothing):
    logits = x @ table.T
    wide = logits.astype(jnp.float32)
    normaliser = jax.nn.logsumexp(wide, axis=-1)
    of_label = jnp.take_along_axis(logits, labels[:, None], axis=-1)[:, 0].astype(jnp.float32)
    loss = normaliser - (1 - smoothing) * of_label
    if smoothing:
        loss = loss - smoothing * wide.mean(-1)
    return (loss * weight).sum(), (x, table, labels, weight, logits, normaliser)


def _loss_backward(smoothing, kept, up):
    x, table, labels, weight, logits, normaliser = kept
    vocab = logits.shape[-1]
    is_label = lax.broadcasted_iota(jnp.int32, logits.shape, 1) == labels[:, None]
    wanted = jnp.where(is_label, 1 - smoothing + smoothing / vocab, smoothing / vocab)
    given = jnp.exp(logits.astype(jnp.float32) - normaliser[:, None])
    slope = ((given - wanted) * (weight * up)[:, None]).astype(x.dtype)
    return slope @ table, slope.T @ x, None, None


smoothed_loss.defvjp(_loss_forward, _loss_backward)


def labels_of(target):
    following = jnp.pad(target[:, 1:], ((0, 0), (0, 1)))
    return jnp.where((following == BOS) | (following == PAD), EOS, following), target != PAD


def cast(weights, dtype):
    keep = ("embedding", "gamma", "beta")
    return {n: v if n.endswith(keep) else v.astype(dtype) for n, v in weights.items()}


def loss_of(sizes, weights, batch, drop, dtype, smoothing):
    source, target = (batch[:, side].astype(jnp.int32) for side in (0, 1))
    w = cast(weights, dtype)
    x = hidden_states(sizes, w, source, target, drop, dtype)
    labels, counts = labels_of(target)
    table = w["embedding"].astype(dtype)
    weight = counts.reshape(-1).astype(jnp.float32)
    total = smoothed_loss(x.reshape(-1, sizes.hidden), table, labels.reshape(-1), weight, smoothing)
    return total, weight.sum()


# ---------------------------------------------------------------- training


def make_trainer(sizes, dropout, dtype, smoothing=0.1, clip=1.0, decay=0.998):
    """(state, batches (steps, rows, 2, WIDTH), rates (steps,), seeds (steps,)) -> state and losses, all in one call."""

    def step(state, xs):
        flat, m, v, mean, t = state
        batch, rate, seed = xs

        def objective(weights):
            total, count = loss_of(sizes, weights, batch, Drop(dropout, seed), dtype, smoothing)
            return total / count

        loss, slopes = jax.value_and_grad(objective)(sizes.split(flat))
        slope = sizes.join({n: s.astype(jnp.float32) for n, s in slopes.items()})
        norm = jnp.sqrt(jnp.vdot(slope, slope))
        fine = jnp.isfinite(norm)
        slope = jnp.where(fine, slope * (clip / jnp.maximum(norm, clip)), 0.0)
        t = t + 1
        new_m = m + (slope - m) * (1 - 0.9)
        new_v = v + (jnp.square(slope) - v) * (1 - 0.98)
        rate = rate * jnp.sqrt(1 - 0.98**t) / (1 - 0.9**t)
        flat = jnp.where(fine, flat - rate * new_m / (jnp.sqrt(new_v) + 1e-9), flat)
        m, v = jnp.where(fine, new_m, m), jnp.where(fine, new_v, v)
        mean = mean + (flat - mean) * (1 - jnp.minimum(decay, (t + 1) / (t + 10)))
        return (flat, m, v, mean, t), (loss, norm)

    @functools.partial(jax.jit, donate_argnums=(0,))
    def run(state, batches, rates, seeds):
        return lax.scan(step, state, (batches, rates, seeds))

    return run


def first_state(sizes, seed):
    flat = jnp.asarray(sizes.initial(seed))
    return flat, jnp.zeros_like(flat), jnp.zeros_like(flat), jnp.array(flat, copy=True), jnp.zeros((), jnp.float32)


def make_perplexity(sizes, dtype):
    @jax.jit
    def totals(flat, batch):
        return jnp.stack(loss_of(sizes, sizes.split(flat), batch, Drop(0.0, None), dtype, 0.0))

    def perplexity(flat, batches):
        loss, count = sum(np.asarray(t) for t in [totals(flat, batch) for batch in batches])
        return float(np.exp(loss / count))

    return perplexity, totals


class Stream:
    """Batches without end from packed sets, each as often as its weight says."""

    def __init__(self, sets, rows, seed):
        self.rows, self.rng = rows, np.random.default_rng(seed)
        self.packed = np.concatenate([packed for packed, _ in sets])
        at, self.ranges = 0, []
        for packed, weight in sets:
            self.ranges.append((at, len(packed), weight))
            at += len(packed)
        self.left = np.zeros(0, "int64")
        self.epochs = 0
        self.tokens = np.count_nonzero(self.packed, axis=(1, 2))
        self.seen = 0

    def _epoch(self):
        chosen = []
        for at, count, weight in self.ranges:
            while weight > 0:
                take = count if weight >= 1 else round(count * weight)
                chosen.append(at + self.rng.permutation(count)[:take])
                weight -= 1
        self.epochs += 1
        return self.rng.permutation(np.concatenate(chosen))

    def batches(self, steps):
        need = steps * self.rows
        while len(self.left) < need:
            self.left = np.concatenate([self.left, self._epoch()])
        which, self.left = self.left[:need], self.left[need:]
        self.seen += int(self.tokens[which].sum())
        return self.packed[which].reshape(steps, self.rows, 2, WIDTH)


def rate_at(progress, step, peak, warmup, hold):
    if progress >= 1:
        return 0.0
    return peak * min(1.0, (step + 1) / warmup) * min(1.0, max(0.0, (1 - progress) / (1 - hold)))


class Runner:
    """Trains one model in chunks of steps until its share of time is spent."""

    def __init__(self, name, sizes, run, stream, steps, peak, warmup, hold, seed):
        self.name, self.sizes, self.run, self.stream, self.steps = name, sizes, run, stream, steps
        self.peak, self.warmup, self.hold = peak, warmup, hold
        self.state = first_state(sizes, seed)
        self.rng = np.random.default_rng(seed)
        self.step, self.last = 0, None
        self.next = stream.batches(steps)

    def chunk(self, begin, end):
        """Start a chunk during which progress goes from `begin` to `end`, and make the next batches meanwhile."""
        rates = [
            rate_at(begin + (end - begin) * i / self.steps, self.step + i, self.peak, self.warmup, self.hold)
            for i in range(self.steps)
        ]
        seeds = self.rng.integers(0, 2**32, self.steps, dtype="uint32")
        self.state, self.last = self.run(self.state, self.next, np.array(rates, "float32"), seeds)
        self.step += self.steps
        self.next = self.stream.batches(self.steps)

    def wait(self):
        loss, norm = (np.asarray(x) for x in self.last)
        return float(loss.mean()), float(norm.mean())


def train(runners, seconds, report, every=15.0):
    """Take turns, a chunk each, until the time is spent; the learning rate is 0 at its end."""
    begin = time.time()
    done, spent, last_report = 0.0, [], begin
    stop = False
    while not stop:
        turn = time.time()
        # What a round took so far says how much of the way the next one is; the last one ends at 1.
        step = (np.median(spent[-5:]) / seconds) if spent else 0.01
        now = (turn - begin) / seconds
        end = now + step
        if spent and end + 0.6 * step >= 1:
            end, stop = 1.0, True
        for runner in runners:
            runner.chunk(max(done, now) if done < 1 else 1.0, end)
        done = end
        results = [runner.wait() for runner in runners]
        spent.append(time.time() - turn)
        if len(spent) == 1:
            spent[0] = min(spent[0], seconds * 0.02)
        if time.time() - last_report > every or stop:
            last_report = time.time()
            for runner, (loss, norm) in zip(runners, results, strict=True):
                elapsed = time.time() - begin
                say(
                    f"{runner.name} step {runner.step} loss {loss:.3f} norm {norm:.2f} epochs {runner.stream.epochs} "
                    f"real tokens/s {runner.stream.seen / elapsed:,.0f} of {elapsed:.0f} s; progress {done:.3f}"
                )
            report(done, stop)
    return time.time() - begin


# ---------------------------------------------------------------- translating with the teacher


def make_greedy(sizes, dtype, suppressed):
    @functools.partial(jax.jit, static_argnums=(3,))
    def greedy(flat, source, limits, length):
        """Source ids (batch, width), tag first and EOS last -> ids (batch, length), PAD after EOS."""
        w = cast(sizes.split(flat), dtype)
        table = positions_table(sizes.hidden)
        source = source.astype(jnp.int32)
        no_drop = Drop(0.0, None)
        is_token = source != PAD
        mask = is_token[:, None, None, :]
        x = embed(sizes, w, table, source, jnp.arange(source.shape[1])[None], dtype)
        memory = encode(sizes, w, x, mask, no_drop)
        across = [heads_of(dense(w, f"decoder_{i}.memory.kv", memory), sizes.heads, 2) for i in range(sizes.decoder)]
        batch = source.shape[0]
        shape = (batch, length, sizes.heads, sizes.hidden // sizes.heads)
        caches = [(jnp.zeros(shape, dtype), jnp.zeros(shape, dtype)) for _ in range(sizes.decoder)]
        never = np.zeros(sizes.vocab, "float32")
        never[list(suppressed)] = -1e9
        logit_table = w["embedding"].astype(dtype)

        def going(carry):
            t, _, _, done, _ = carry
            return (t < length) & ~done.all()

        def step(carry):
            t, last, caches, done, out = carry
            x = embed(sizes, w, table, last[:, None], t[None, None], dtype)
            seen = (jnp.arange(length) <= t)[None, None, None, :]
            new = []
            for i in range(sizes.decoder):
                block = f"decoder_{i}"
                q, k, v = heads_of(dense(w, f"{block}.self.qkv", normed(w, f"{block}.self_norm", x)), sizes.heads, 3)
                keys = lax.dynamic_update_slice(caches[i][0], k, (0, t, 0, 0))
                values = lax.dynamic_update_slice(caches[i][1], v, (0, t, 0, 0))
                new.append((keys, values))
                x = x + dense(w, f"{block}.self.out", merged(attend(q, keys, values, seen)))
                (q,) = heads_of(dense(w, f"{block}.memory.q", normed(w, f"{block}.memory_norm", x)), sizes.heads, 1)
                x = x + dense(w, f"{block}.memory.out", merged(attend(q, *across[i], mask)))
                x = feed_forward(w, block, x, no_drop)
            logits = (normed(w, "decoder_norm", x)[:, 0] @ logit_table.T).astype(jnp.float32) + never
            chosen = jnp.where(done, PAD, jnp.argmax(logits, -1).astype(jnp.int32))
            out = lax.dynamic_update_slice(out, chosen[:, None], (0, t))
            done = done | (chosen == EOS) | (t + 1 >= limits)
            return t + 1, chosen, new, done, out

        first = jnp.full((batch,), BOS, jnp.int32)
        begin = (jnp.int32(0), first, caches, limits <= 0, jnp.zeros((batch, length), jnp.int32))
        return lax.while_loop(going, step, begin)[4].astype(jnp.uint16)

    return greedy


SHAPES = ((24, 40, 4096), (48, 72, 2048), (128, 128, 1024))  # widths of sources and targets, sentences


def translate(greedy, flat, source, tag, shapes=SHAPES, deadline=None):
    """Translations of `Ragged` sources, and which of them ended by themselves; those after `deadline` are empty."""
    framed = source.framed([tag], [EOS])
    lengths, flats = np.zeros(len(source), "int64"), [np.zeros(0, "uint16")] * len(source)
    order = np.argsort(framed.lengths, kind="stable")
    order = order[framed.lengths[order] <= shapes[-1][0]]
    pending = []

    def collect():
        which, found = pending.pop(0)
        found = np.asarray(found)[: len(which)]
        ended = found == EOS
        stop = np.where(ended.any(1), ended.argmax(1), 0)
        for place, index in enumerate(which):
            lengths[index] = stop[place]
            flats[index] = found[place, : stop[place]]

    at = 0
    while at < len(order) and (deadline is None or time.time() < deadline):
        width, length, batch = next(s for s in shapes if s[0] >= framed.lengths[order[at]])
        fits = int(np.searchsorted(framed.lengths[order], width, side="right"))
        which = order[at : min(at + batch, fits)]
        at += len(which)
        rows = framed.take(which)
        padded = np.zeros((batch, width), "uint16")
        padded.reshape(-1)[_ranges(np.arange(len(which)) * width, rows.lengths)] = rows.flat
        limits = np.zeros(batch, "int32")
        limits[: len(which)] = np.minimum(length, 1.6 * rows.lengths + 10)
        pending.append((which, greedy(flat, padded, limits, length)))
        if len(pending) > 3:
            collect()
    while pending:
        collect()
    return Ragged(np.concatenate(flats) if flats else np.zeros(0, "uint16"), lengths)


def usable(source, found, reference, hard):
    """Which translations are worth learning from: of a likely length, not going round in circles, names kept."""
    fine = np.zeros(len(source), "uint8")
    parts = [x for side in (source, reference, found) for x in (side.flat, side.starts, side.lengths)]
    parts = [np.ascontiguousarray(x) for x in parts]
    _call(_FAST.is_fine, np.ascontiguousarray(hard, "uint8"), len(source), *parts, fine)
    return np.flatnonzero(fine)


# ---------------------------------------------------------------- the job


def load(path):
    found = np.load(path)
    about = json.loads(bytes(found["about"]).decode())
    sets = {}
    for name in about["sets"]:
        sets[name] = {lang: Ragged(found[f"{name}.{lang}"], found[f"{name}.{lang}.lengths"]) for lang in ("fr", "en")}
    return sets, about


JOINED = ("tatoeba", "gutenberg-novels", "cds-blog", "infobase", "hf-course")


def joined(pairs, rng, count):
    """Two or three pairs, one after the other."""
    n = len(pairs[0])
    groups = rng.integers(0, n, (count, 3))
    groups[rng.random(count) < 0.6, 2] = -1
    lengths = [np.where(groups >= 0, side.lengths[groups], 0).sum(1) for side in pairs]
    groups = groups[(lengths[0] <= 120) & (lengths[1] <= 120)]
    return [side.join(groups) for side in pairs]


def both(sets, name, source):
    target = "en" if source == "fr" else "fr"
    return sets[name][source], sets[name][target]


def packed_sets(sets, weights, source, rng, tag=None, only=None, scale=1.0, with_joined=True):
    """[(rows, weight)] of one direction."""
    found = []
    other = "typed-en" if source == "fr" else "typed-fr"
    for name in sets:
        is_for_fr = name == "ligatures" and source == "en"
        if name in ("newstest", "dev", other) or (only and name not in only) or is_for_fr:
            continue
        pairs = both(sets, name, source)
        if len(pairs[0]):
            found.append((pack(*pairs, rng, tag), weights[name] * scale))
        if with_joined and name in JOINED and len(pairs[0]) > 3:
            count = int(len(pairs[0]) * weights[name] * (0.25 if name == "tatoeba" else 0.08))
            found.append((pack(*joined(pairs, rng, count), rng, tag), scale))
    return found


def describe(name, sets):
    rows = sum(len(p) for p, _ in sets)
    tokens = sum(int(np.count_nonzero(p)) for p, _ in sets)
    epoch = sum(int(np.count_nonzero(p)) * w for p, w in sets)
    full = 100 * tokens / (rows * 2 * WIDTH)
    say(f"{name}: {rows} rows, {tokens:,} tokens, {full:.1f} % full, {epoch:,.0f} an epoch")


def dev_batches(sets, source, rng, rows, tag=None):
    found = []
    for name in ("newstest", "dev"):
        packed = pack(*both(sets, name, source), rng, tag)
        packed = np.pad(packed, ((0, -len(packed) % rows), (0, 0), (0, 0)))
        found.append(packed.reshape(-1, rows, 2, WIDTH))
    return found


def save_student(out, name, flat):
    """float16, in two files."""
    values = np.asarray(flat).astype("float16")
    half = len(values) // 2
    for i, part in enumerate((values[:half], values[half:])):
        temporary = f"{TEMPORARY}/{name}.{i}.npy"
        np.save(temporary, part)
        shutil.copy(temporary, f"{out}/{name}.{i}.npy.tmp")
        os.replace(f"{out}/{name}.{i}.npy.tmp", f"{out}/{name}.{i}.npy")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="runs/general/data.npz")
    parser.add_argument("--out", default="runs/general")
    parser.add_argument("--mode", choices=("smoke", "full"), default="smoke")
    parser.add_argument("--toy", action="store_true")
    parser.add_argument("--seconds", type=float, default=500, help="from the start of the program")
    parser.add_argument("--teacher", type=float, default=220)
    parser.add_argument("--decode", type=float, default=70)
    parser.add_argument("--teacher-rows", type=int, default=256)
    parser.add_argument("--student-rows", type=int, default=256)
    parser.add_argument("--teacher-peak", type=float, default=1e-3)
    parser.add_argument("--student-peak", type=float, default=2e-3)
    parser.add_argument("--teacher-dropout", type=float, default=0.1)
    parser.add_argument("--student-dropout", type=float, default=0.05)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    jax.config.update("jax_compilation_cache_dir", f"{TEMPORARY}/jaxcache{'-toy' if args.toy else ''}")
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)
    rng = np.random.default_rng(0)
    sets, about = load(args.data)
    hard = np.load(os.path.join(os.path.dirname(args.data), "hard.npy"))
    weights, vocab = about["weights"], about["vocab"]
    tags = {"fr": vocab, "en": vocab + 1}
    say("devices", jax.devices(), "sets", {name: len(pair["fr"]) for name, pair in sets.items()})
    small = Sizes(vocab, 256, 1024, 8, 6, 2)
    large = Sizes(vocab + 64, 512, 2048, 8, 6, 6)
    t_steps, s_steps, shapes = 40, 80, SHAPES
    dtype = jnp.bfloat16
    if args.toy:
        small, large = Sizes(vocab, 32, 64, 2, 2, 1), Sizes(vocab + 64, 48, 64, 2, 2, 2)
        t_steps = s_steps = 4
        shapes = ((24, 40, 64), (48, 72, 16), (128, 128, 8))
    say(f"student {small.total:,} weights, teacher {large.total:,}")

    teacher_run = make_trainer(large, args.teacher_dropout, dtype)
    student_run = make_trainer(small, args.student_dropout, dtype)
    (teacher_ppl, teacher_totals), (student_ppl, student_totals) = (make_perplexity(z, dtype) for z in (large, small))
    suppressed = [PAD, UNK, BOS, *range(vocab, large.vocab)]
    greedy = make_greedy(large, dtype, suppressed)
    rows = 256 if not args.toy else 8

    # Everything is compiled in threads of its own, so that nothing waits for it later.
    def compile_rest():
        begin = time.time()
        state = jax.eval_shape(lambda: first_state_shapes(small))
        arg = [jax.ShapeDtypeStruct((s_steps, args.student_rows, 2, WIDTH), "uint16")]
        arg += [jax.ShapeDtypeStruct((s_steps,), "float32"), jax.ShapeDtypeStruct((s_steps,), "uint32")]
        student_run.lower(state, *arg).compile()
        say(f"student step compiled in {time.time() - begin:.1f} s")

    def compile_perplexity(sizes, totals):
        flat = jax.ShapeDtypeStruct((sizes.total,), "float32")
        totals.lower(flat, jax.ShapeDtypeStruct((rows, 2, WIDTH), "uint16")).compile()

    def compile_greedy(shape):
        begin = time.time()
        width, length, batch = shape
        flat = jax.ShapeDtypeStruct((large.total,), "float32")
        source = jax.ShapeDtypeStruct((batch, width), "uint16")
        greedy.lower(flat, source, jax.ShapeDtypeStruct((batch,), "int32"), length).compile()
        say(f"search of {shape} compiled in {time.time() - begin:.1f} s")

    def first_state_shapes(sizes):
        flat = jnp.zeros((sizes.total,), jnp.float32)
        return flat, flat, flat, flat, jnp.zeros((), jnp.float32)

    threads = [threading.Thread(target=compile_rest)]
    threads += [threading.Thread(target=compile_greedy, args=(shape,)) for shape in shapes]
    threads.append(threading.Thread(target=compile_perplexity, args=(large, teacher_totals)))
    threads.append(threading.Thread(target=compile_perplexity, args=(small, student_totals)))
    for thread in threads:
        thread.start()

    t_sets = [row for source in ("fr", "en") for row in packed_sets(sets, weights, source, rng, tags[source])]
    describe("teacher", t_sets)
    teacher = Runner(
        "teacher", large, teacher_run, Stream(t_sets, args.teacher_rows, 1), t_steps, args.teacher_peak, 400, 0.3, 0
    )
    t_dev = {s: dev_batches(sets, s, rng, rows, tags[s]) for s in ("fr", "en")}

    def t_report(done, is_last):
        if is_last or not t_report.ready or done > t_report.next:
            t_report.ready, t_report.next = True, done + 0.3
            for s in ("fr", "en"):
                found = [round(teacher_ppl(teacher.state[0], batches), 2) for batches in t_dev[s]]
                say(f"teacher from {s}: perplexity newstest, dev", found)

    t_report.ready, t_report.next = False, 0.0

    if args.mode == "smoke":
        smoke(args, teacher, threads, student_run, small, greedy, sets, weights, tags, rng, shapes, s_steps, t_report)
        return
    # A first chunk outside of the time box compiles.
    warm = first_state(large, 0)
    teacher_run(warm, teacher.next, np.zeros(t_steps, "float32"), np.zeros(t_steps, "uint32"))[1][0].block_until_ready()
    say("teacher step compiled")
    train([teacher], args.teacher, t_report)
    for thread in threads:
        thread.join()
    flat = teacher.state[0]

    refs = os.path.join(os.path.dirname(args.data), "refs.json")
    if os.path.exists(refs):
        say("teacher's BLEU", bleu(greedy, flat, sets, tags, refs, shapes))
    deadline = time.time() + args.decode
    order = ["tatoeba", "cds-blog", "gutenberg-novels", "hf-course", "opensource-guide", "bilinguator-pd", "infobase",
             "httpd-doc", "bible-lsg-bsb", "php-doc", "canada-law-terms", "canada-law-diverse"]  # fmt: skip
    distilled = {"fr": {}, "en": {}}  # by the language translated from
    for name in [n for n in order if n in sets]:
        for s in ("fr", "en"):
            source, reference = both(sets, name, s)
            if time.time() > deadline:
                continue
            found = translate(greedy, flat, source, tags[s], shapes, deadline)
            good = usable(source, found, reference, hard)
            distilled[s][name] = (good, found.take(good))
            say(f"{name} from {s}: {len(good)} of {len(source)} translated")
    say("decoded")
    keep_distilled = threading.Thread(target=save_distilled, args=(args.out, distilled, list(order)))
    keep_distilled.start()
    runners, devs = [], {}
    for s, name in (("fr", "fr-en"), ("en", "en-fr")):
        o = "en" if s == "fr" else "fr"
        kd, bt = {}, {}
        for n, (good, found) in distilled[s].items():
            kd[n] = {s: sets[n][s].take(good), o: found}
        for n, (good, found) in distilled[o].items():
            bt[n] = {s: found, o: sets[n][o].take(good)}
        found = packed_sets(sets, weights, s, rng, scale=0.6)
        found += packed_sets(kd, weights, s, rng, scale=1.0)
        found += packed_sets(bt, weights, s, rng, scale=0.5, with_joined=False)
        describe(name, found)
        stream = Stream(found, args.student_rows, 2)
        runners.append(Runner(name, small, student_run, stream, s_steps, args.student_peak, 400, 0.3, 1))
        devs[name] = dev_batches(sets, s, rng, rows)

    saved = [time.time()]

    def s_report(done, is_last):
        if is_last or time.time() - saved[0] > 45:
            saved[0] = time.time()
            for runner in runners:
                save_student(args.out, runner.name, runner.state[0])
                ppl = [[round(student_ppl(runner.state[k], b), 2) for b in devs[runner.name]] for k in (0, 3)]
                say(f"{runner.name}: perplexity newstest, dev: {ppl[0]}, of the mean {ppl[1]}")

    left = args.seconds - (time.time() - START) - 6
    say(f"students for {left:.0f} s")
    train(runners, max(left, 5), s_report)
    say("saved")
    keep_distilled.join(timeout=max(0.1, args.seconds + 15 - (time.time() - START)))
    say("done", os.listdir(args.out))
    sys.stdout.flush()
    os._exit(0)


def save_distilled(out, distilled, order):
    """As much of the translations as fits into two files of 13 MB, compressed: for students to come."""
    import lzma

    for s in ("fr", "en"):
        room, blobs, about = 13_000_000, [], []
        for name in order:
            if name not in distilled[s]:
                continue
            good, found = distilled[s][name]
            gaps = np.diff(good, prepend=-1)
            raw = b"".join(
                np.ascontiguousarray(x).tobytes()
                for x in (gaps.astype("uint32"), found.lengths.astype("uint8"), found.flat)
            )
            packed = lzma.compress(raw, preset=1, filters=None)
            if len(packed) > room:
                continue
            room -= len(packed)
            blobs.append(packed)
            about.append([name, len(good), int(found.lengths.sum()), len(packed)])
        head = json.dumps(about).encode()
        with open(f"{TEMPORARY}/distilled-{s}.bin", "wb") as file:
            file.write(len(head).to_bytes(4, "little") + head + b"".join(blobs))
        shutil.copy(f"{TEMPORARY}/distilled-{s}.bin", f"{out}/distilled-{s}.bin")
    say("translations kept")


def bleu(greedy, flat, sets, tags, refs, shapes):
    import sacrebleu
    import sentencepiece

    tokenizer = sentencepiece.SentencePieceProcessor(os.path.join(os.path.dirname(refs), "tokenizer.model"))
    with open(refs, encoding="utf-8") as file:
        refs = json.load(file)
    scores = {}
    for s, o in (("fr", "en"), ("en", "fr")):
        for name in ("newstest", "dev"):
            found = translate(greedy, flat, sets[name][s], tags[s], shapes)
            texts = [
                tokenizer.DecodeIds(found.flat[a : a + n].astype(int).tolist()) if n else ""
                for a, n in zip(found.starts, found.lengths, strict=True)
            ]
            scores[f"{name} {s}-{o}"] = round(sacrebleu.corpus_bleu(texts, [refs[name][o]]).score, 2)
    return scores


def smoke(args, teacher, threads, student_run, small, greedy, sets, weights, tags, rng, shapes, s_steps, t_report):
    begin = time.time()
    teacher.chunk(0.0, 0.0)
    say("teacher first chunk", teacher.wait(), f"{time.time() - begin:.1f} s")
    for thread in threads:
        thread.join()
    for _ in range(2):
        begin = time.time()
        real = int(np.count_nonzero(teacher.next))
        teacher.chunk(0.0, 0.0)
        result = teacher.wait()
        took = time.time() - begin
        padded = teacher.steps * args.teacher_rows * 2 * WIDTH
        say(f"teacher chunk {result} {took:.2f} s, {real / took:,.0f} real, {padded / took:,.0f} padded tokens/s")
    t_report(1.0, True)
    found = packed_sets(sets, weights, "fr", rng, only=("tatoeba", "cds-blog", "typed-fr", "infobase"))
    describe("student", found)
    stream = Stream(found, args.student_rows, 2)
    student = Runner("fr-en", small, student_run, stream, s_steps, args.student_peak, 400, 0.3, 1)
    for _ in range(4):
        begin = time.time()
        real = int(np.count_nonzero(student.next))
        student.chunk(0.0, 0.0)
        result = student.wait()
        took = time.time() - begin
        padded = student.steps * args.student_rows * 2 * WIDTH
        say(f"student chunk {result} {took:.2f} s, {real / took:,.0f} real, {padded / took:,.0f} padded tokens/s")
    for name, count in (("tatoeba", 8192), ("cds-blog", 7000)):
        source, reference = both(sets, name, "fr")
        which = rng.integers(0, len(source), count)
        for _ in range(2):
            begin = time.time()
            result = translate(greedy, teacher.state[0], source.take(which), tags["fr"], shapes)
            say(f"{name}: {count} translated in {time.time() - begin:.2f} s, mean length {result.lengths.mean():.1f}")
        usable(source.take(which), source.take(which), reference.take(which), np.ones(8000, bool))
        say("checked")
    begin = time.time()
    save_student(args.out, "fr-en", student.state[0])
    say(f"saved in {time.time() - begin:.1f} s")


def weights_for_keras(sizes, flat):
    """{path of a weight in kerasformer's model: value}."""
    w = {name: np.asarray(value) for name, value in sizes.split(np.asarray(flat)).items()}
    h, found = sizes.hidden, {"embedding/embeddings": w["embedding"]}

    def put(name, path, part=slice(None)):
        found[f"{path}/kernel"], found[f"{path}/bias"] = w[f"{name}.kernel"][:, part], w[f"{name}.bias"][part]

    def norm(name, path):
        found[f"{path}/gamma"], found[f"{path}/beta"] = w[f"{name}.gamma"], w[f"{name}.beta"]

    for stack, depth in (("encoder", sizes.encoder), ("decoder", sizes.decoder)):
        for i in range(depth):
            b = f"{stack}_{i}"
            for j, part in enumerate(("query", "key", "value")):
                put(f"{b}.self.qkv", f"{b}/self_attention/{part}", slice(j * h, (j + 1) * h))
            put(f"{b}.self.out", f"{b}/self_attention/output")
            norm(f"{b}.self_norm", f"{b}/self_attention_residual/norm")
            if stack == "decoder":
                put(f"{b}.memory.q", f"{b}/memory_attention/query")
                for j, part in enumerate(("key", "value")):
                    put(f"{b}.memory.kv", f"{b}/memory_attention/{part}", slice(j * h, (j + 1) * h))
                put(f"{b}.memory.out", f"{b}/memory_attention/output")
                norm(f"{b}.memory_norm", f"{b}/memory_attention_residual/norm")
            put(f"{b}.inner", f"{b}/feed_forward/intermediate")
            put(f"{b}.outer", f"{b}/feed_forward/output")
            norm(f"{b}.ff_norm", f"{b}/feed_forward_residual/norm")
        norm(f"{stack}_norm", f"{stack}_norm")
    return found


if __name__ == "__main__":
    main()
