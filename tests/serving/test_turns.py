"""Who is next: clients take turns, then requests; batches are what fits."""

import asyncio

from kerasformer.serving.turns import BATCH_CHARACTERS, Backlog, Job, Turns

KEY = ("fr-en/1", "translate", ())


def test_clients_take_turns_and_so_do_their_requests():
    turns = Turns()
    for client, request, item in [("a", 1, "a1"), ("a", 1, "a1 again"), ("a", 2, "a2"), ("b", 3, "b3")]:
        turns.add((client, request), item)
    assert [turns.take() for _ in range(4)] == ["a1", "b3", "a2", "a1 again"]
    assert not turns


def jobs(*sizes, key=KEY):
    loop = asyncio.get_running_loop()
    return [Job(key, str(number), "client", "request", size, loop.create_future()) for number, size in enumerate(sizes)]


def taken(jobs, most=64, times=1):
    """The contents of the next batches."""

    async def take():
        backlog = Backlog()
        for job in jobs():
            backlog.add(job)
        return [[job.content for job in await backlog.take(lambda key: most, lambda: False)] for _ in range(times)]

    return asyncio.run(take())


def test_a_batch_is_as_many_as_the_engine_computes_at_once():
    assert taken(lambda: jobs(1, 1, 1, 1, 1), most=2, times=3) == [["0", "1"], ["2", "3"], ["4"]]


def test_a_batch_ends_when_it_has_many_characters():
    assert taken(lambda: jobs(1, BATCH_CHARACTERS, 1), times=2) == [["0", "1"], ["2"]]


def test_a_batch_has_one_key_and_keys_take_turns():
    both = lambda: [*jobs(1, 1), *jobs(1, key=("en-fr/1", "translate", ()))]  # noqa: E731
    assert taken(both, most=1, times=3) == [["0"], ["0"], ["1"]]


def test_a_job_whose_client_has_left_is_passed_over():
    def one_left():
        made = jobs(1, 1)
        made[0].future.cancel()
        return made

    assert taken(one_left) == [["1"]]


def test_idle_workers_share_what_waits():
    async def share():
        backlog = Backlog()
        takes = [asyncio.ensure_future(backlog.take(lambda key: 64, lambda: False)) for _ in range(2)]
        await asyncio.sleep(0)
        for job in jobs(1, 1, 1, 1):
            backlog.add(job)
        return [len(batch) for batch in await asyncio.gather(*takes)]

    assert asyncio.run(share()) == [2, 2]


def test_the_worker_that_was_the_last_to_work_is_the_next():
    async def work():
        backlog, order = Backlog(), []

        async def worker(name):
            while await backlog.take(lambda key: 1, lambda: len(order) > 4):
                order.append(name)

        tasks = [asyncio.ensure_future(worker(name)) for name in "ab"]
        for job in jobs(1, 1, 1, 1, 1):
            await asyncio.sleep(0.001)
            backlog.add(job)
        await asyncio.sleep(0.001)
        backlog.wake()
        await asyncio.gather(*tasks)
        return order

    assert len(set(asyncio.run(work()))) == 1


def test_a_worker_that_waits_is_told_to_stop():
    async def stop():
        backlog, stopped = Backlog(), []
        take = asyncio.ensure_future(backlog.take(lambda key: 64, lambda: bool(stopped)))
        await asyncio.sleep(0)
        stopped.append(True)
        backlog.wake()
        return await take

    assert asyncio.run(stop()) == []
