"""Choose padded lengths with little padding, and pack several pairs of sentences into one row."""

import numpy as np

_TYPICAL = 98  # per cent of the sentences fit into the narrow rows


def choose_widths(lengths, count):
    """Return at most `count` (1 or 2) widths of packed rows, ascending: for most sentences, and for the longest."""
    longest, typical = (int(round_up(np.percentile(lengths, share, method="higher"), 8)) for share in (100, _TYPICAL))
    return sorted({typical, longest})[-count:]


def pack(sides, widths, rng):
    """Pack pairs of sentences into rows, greedily: start with the longest pair left, then add the pair that fits best.

    The best fitting pair leaves the least room, evenly on both sides. A row has the smallest width that holds its
    first pair. The lengths found for one row are reused for as many rows as there are pairs of these lengths.

    Args:
        sides: int (pairs, 2), lengths of source and target, from 1 to the last width.
        widths: list of int, ascending.
        rng: `numpy.random.Generator`, draws among pairs of the same lengths.

    Returns:
        `(order, counts)`: int (pairs,), indices of the pairs, row by row; int (rows,), the number of pairs in each row.
    """
    span = widths[-1] + 1
    cells = sides[:, 0] * span + sides[:, 1]  # one cell for each combination of lengths
    left = np.bincount(cells, minlength=span * span).reshape(span, span)
    source, target = np.indices(left.shape)
    chosen, counts = [], []
    by_length = np.argsort(np.maximum(source, target) * 2 * span + source + target, axis=None, kind="stable")[::-1]
    for first in by_length[left.flat[by_length] > 0]:
        while left.flat[first]:
            row = [divmod(int(first), span)]
            width = next(width for width in widths if width >= max(row[0]))
            spare, room = left.copy(), [width - length for length in row[0]]
            spare[row[0]] -= 1
            while True:
                reach = slice(room[0] + 1), slice(room[1] + 1)
                uneven = np.abs((room[0] - source[reach]) - (room[1] - target[reach]))
                fit = np.where(spare[reach] > 0, 2 * (source + target)[reach] - uneven, -span)
                best = np.unravel_index(fit.argmax(), fit.shape)
                if not spare[best] > 0:
                    break
                spare[best] -= 1
                room = [room[0] - int(best[0]), room[1] - int(best[1])]
                row.append(tuple(map(int, best)))
            numbers, times = np.unique([a * span + b for a, b in row], return_counts=True)
            often = int((left.flat[numbers] // times).min())
            left.flat[numbers] -= often * times
            chosen.append(np.tile([a * span + b for a, b in row], often))
            counts.append(np.full(often, len(row)))
    shuffled = rng.permutation(len(sides))
    order = np.empty(len(sides), "int64")
    order[np.argsort(np.concatenate(chosen), kind="stable")] = shuffled[np.argsort(cells[shuffled], kind="stable")]
    return order, np.concatenate(counts)


def choose_lengths(lengths, count):
    """Return at most `count` padded lengths, ascending, that give sentences of these `lengths` the least padding."""
    widths, counts = np.unique(round_up(np.asarray(lengths), 4), return_counts=True)
    cumulative = np.concatenate([[0], np.cumsum(counts)])
    # best[i]: fewest padded tokens for the i shortest widths, and the padded lengths chosen.
    best = [(0, [])] + [(cumulative[i + 1] * widths[i], [int(widths[i])]) for i in range(len(widths))]
    for _ in range(count - 1):
        best = [best[0]] + [
            min(
                ((best[j][0] + (cumulative[i] - cumulative[j]) * widths[i - 1], [*best[j][1], int(widths[i - 1])])
                 for j in range(i)),
                key=lambda choice: choice[0],
            )
            for i in range(1, len(widths) + 1)
        ]  # fmt: skip
    return best[-1][1]


def round_up(value, multiple):
    return -(-value // multiple) * multiple
