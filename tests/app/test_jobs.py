"""Work in the background: begun once, told of as it goes on, stopped, and replaced."""

import threading

import pytest

from app.services.connection import UserError
from app.services.jobs import ASSUMED, Jobs, about


@pytest.fixture
def jobs():
    return Jobs()


def done(job):
    job.wait(20)
    assert not job.running
    return job


def waiting(go, result=1):
    """Work that tells of itself until it may go on."""

    def work(progress):
        while not go.wait(0.01):
            progress(1, 4)
        return result

    return work


def test_work_is_begun_once_and_its_result_stays(jobs):
    go = threading.Event()
    job = jobs.start("me", "sum", 1, waiting(go, 42), 0)
    assert jobs.start("me", "sum", 1, waiting(go, 43), 0) is job
    go.set()
    assert done(job).result == 42 and job.error is None
    assert jobs.get("me", "sum", 1) is job and jobs.get("you", "sum", 1) is None


def test_nobody_finds_a_job_before_its_thread_runs(jobs, monkeypatch):
    """Who waited for one that had not started got an error: two visitors at the same page."""
    found, start = [], threading.Thread.start

    def late(thread):
        found.append(jobs.get("me", "sum", 1))
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", late)
    job = jobs.start("me", "sum", 1, lambda progress: 1, 0)
    assert found == [None] and jobs.get("me", "sum", 1) is job and done(job).result == 1


def test_parts_are_there_as_they_come(jobs):
    go, came = threading.Event(), threading.Event()

    def work(progress):
        yield [1]
        came.set()
        go.wait(20)
        yield [1, 2]

    job = jobs.start("me", "parts", 1, work, 0)
    assert came.wait(20) and job.running and (job.result, job.parts) == ([1], 1)
    go.set()
    assert (done(job).result, job.parts) == ([1, 2], 2)


def test_what_is_stopped_ends_and_can_begin_again(jobs):
    go = threading.Event()
    job = jobs.start("me", "sum", 1, waiting(go), 0)
    job.stopped = True
    assert done(job).result is None and job.error is None
    go.set()
    assert done(jobs.start("me", "sum", 1, waiting(go), 0)).result == 1


def test_of_one_owner_the_last_of_a_kind_goes_on(jobs):
    go = threading.Event()
    first, other = (jobs.start("me", name, 1, waiting(go), 0) for name in ("sweep", "maps"))
    everybody = jobs.start("", "sweep", 1, waiting(go), 0)
    jobs.start("me", "sweep", 2, waiting(go), 0)
    done(first)
    assert first.stopped and other.running and everybody.running
    assert jobs.get("me", "sweep", 1) is None
    jobs.start("", "sweep", 2, waiting(go), 0)
    go.set()
    assert done(everybody).result == 1


def test_refusals_and_faults_are_told_and_do_not_stay(jobs):
    def refuse(progress):
        raise UserError("The bar is too large.")

    def fail(progress):
        raise ZeroDivisionError("by zero")

    assert str(done(jobs.start("me", "a", 1, refuse, 0)).error) == "The bar is too large."
    job = done(jobs.start("me", "b", 1, fail, 0))
    assert isinstance(job.error, UserError) and "by zero" in str(job.error)
    assert done(jobs.start("me", "b", 1, lambda progress: 5, 0)).result == 5


def test_time_is_expected_by_what_was_measured(jobs):
    assert jobs.expected(100) == pytest.approx(100 * ASSUMED)
    jobs.measured(1, 40)  # the first look wakes the network up
    assert jobs.expected(100) == pytest.approx(100 * ASSUMED)
    jobs.measured(1, 0.4)  # one by one takes twice as long
    jobs.measured(1, 2)  # something else was at work as well
    assert jobs.expected(100) == pytest.approx(20)
    jobs.measured(50, 5)
    jobs.measured(1, 9)  # tells less than what is known
    assert jobs.expected(100) == pytest.approx(10)
    assert (about(0.2), about(42.4), about(130)) == ("about 1 s", "about 42 s", "about 2 min")
