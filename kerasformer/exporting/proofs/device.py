"""What is found out about a translator's `.tflite` alone: whether it streams what it translates, and its times."""

from kerasformer.exporting.proofs.proof import fastest

LENGTHS = 5, 15, 25, 60  # tokens of the sources that are timed
TIMED_SOURCES = 3  # of each length
STREAMED_SENTENCES = 32


def streamed_otherwise(engine, sources):
    """Yield (source, what is found at once, what is found token by token) for sources for which they differ."""
    for source in sources[:STREAMED_SENTENCES]:
        text = engine.clean(source)
        [[at_once]], [*_, streamed] = engine.decode([text]), engine.steps(text)
        if streamed.token_ids != at_once.token_ids:
            yield source, at_once, streamed


def milliseconds_by_tokens(engine, sources):
    """Milliseconds for texts of so many tokens, which are cut from sources: dict, with keys for JSON.

    Args:
        engine: a `LiteRTTranslator`.
        sources: list of str.
    """
    ids, found = [i for row in engine.encode(list(map(engine.clean, sources))) for i in row], {}
    for length in LENGTHS:
        cuts = [ids[begin : begin + length] for begin in range(0, length * TIMED_SOURCES, length)]
        texts = [engine.tokenizer.decode(cut) for cut in cuts if len(cut) == length <= engine.max_tokens]
        if texts:
            found[str(length)] = fastest(lambda text: engine.decode([text]), texts)
    return found
