"""Wait for several things at once; what nobody waits for any more is cancelled."""

import asyncio


async def all_of(awaitables):
    """The results of all; if one fails, or this is cancelled, the others are cancelled too."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        return await asyncio.gather(*tasks)
    finally:
        cancel(tasks)


def cancel(futures):
    """Cancel those that are not done."""
    for future in futures:
        future.cancel()
