"""Runs programs and measures them from outside, the same way whatever they are written in.

A child's peak memory is never below this process's own, which Linux counts to it until it runs its program: import nothing large
here.
"""
import dataclasses
import os
import statistics
import subprocess
import tempfile
import time

import psutil

MEGABYTE = 1e6


@dataclasses.dataclass
class Cost:
    """What a run took: seconds on the clock, seconds of all processors together, and the most memory held, in MB."""

    wall: float
    cpu: float
    peak: float = 0.


@dataclasses.dataclass
class Served:
    """A server's seconds until it was ready, the cost of its best pass, and its peak memory in MB."""

    ready: float
    best: Cost
    passes: int


def serve(command, threads, passes, seconds):
    """Starts a program that works through its input once for each line it is sent (see driver.rs), and measures its passes.

    There are at least `passes`, and more until they took `seconds`; a slow program has fewer.
    """
    started = time.perf_counter()
    child = start(command, threads, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    answer(child, "ready")
    ready = time.perf_counter() - started
    process, costs = psutil.Process(child.pid), []
    while not costs or taken(costs) < seconds or len(costs) < passes and taken(costs) < 5 * seconds:
        costs.append(one_pass(child, process))
    child.stdin.close()
    child.stdin = None
    _, peak = finish(child)
    best = Cost(min(cost.wall for cost in costs), min(cost.cpu for cost in costs), peak)
    return Served(ready, best, len(costs))


def taken(costs):
    return sum(cost.wall for cost in costs)


def start(command, threads, **streams):
    """Starts a program; libraries that take all cores by themselves get `threads` of them, and one for a matrix product."""
    products = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    errors = tempfile.TemporaryFile("w+")
    child = subprocess.Popen(command, stderr=errors, text=True,
                             env={**os.environ, **products, "RAYON_NUM_THREADS": str(threads)}, **streams)
    child.errors = errors
    return child


def one_pass(child, process):
    cpu, wall = spent(process), time.perf_counter()
    child.stdin.write("go\n")
    child.stdin.flush()
    answer(child, "done")
    return Cost(time.perf_counter() - wall, spent(process) - cpu)


def spent(process):
    times = process.cpu_times()
    return times.user + times.system


def answer(child, expected):
    line = child.stdout.readline().strip()
    if line != expected:
        child.kill()
        child.wait()
        fail(child, f"expected `{expected}`, found `{line}`")


def finish(child):
    """The processor seconds and the peak memory of a child that ends now."""
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        fail(child, f"ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / MEGABYTE


def fail(child, message):
    child.errors.seek(0)
    raise SystemExit(f"{child.errors.read()}\n{' '.join(child.args)}: {message}")


def job(command, threads, output):
    """Runs a program to its end, its standard output into a file."""
    with open(output, "w") as out:
        started = time.perf_counter()
        child = start(command, threads, stdin=subprocess.DEVNULL, stdout=out)
        cpu, peak = finish(child)
    return Cost(time.perf_counter() - started, cpu, peak)


def first_line(command, threads, times):
    """Seconds from the start of a program to its first line of output; the median of several runs."""
    def once():
        started = time.perf_counter()
        child = start(command, threads, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        child.stdout.readline()
        seconds = time.perf_counter() - started
        child.stdout.read()
        finish(child)
        return seconds
    return statistics.median(once() for _ in range(times))
