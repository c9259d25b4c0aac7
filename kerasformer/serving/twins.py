"""Make the LiteRT twins of bundles that have none, in a process beside the service: they answer faster.

python -m kerasformer.serving.twins BUNDLE ...
"""

import asyncio
import os
import sys

from kerasformer.errors import InputError

_NICENESS = 10  # so that the workers go first


async def make(paths):
    """Make the twins of the bundles at these paths in another process; whether it made them all."""
    command = [sys.executable, "-m", "kerasformer.serving.twins", *map(str, paths)]
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
    try:
        return await process.wait() == 0
    finally:
        if process.returncode is None:  # the service ends
            process.kill()


def main(paths):
    """Make the twins; the exit code."""
    from kerasformer.formats import describe
    from kerasformer.inference.twin import find_twin, twin_lock
    from kerasformer.system.processes import exit_with_parent, locked
    from kerasformer.system.quiet import quiet_loading

    with quiet_loading():
        from kerasformer.bundle import load_bundle
        from kerasformer.exporting.twin import make_twin

    exit_with_parent(os.getppid())
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    try:
        with locked(twin_lock()), quiet_loading():
            for path in paths:
                description = describe(path, "translation")
                if not find_twin(description):  # another process may have made it
                    make_twin(description, load_bundle(description))
    except (InputError, OSError) as error:
        print(f"kerasformer: there is no faster copy of a model: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
