"""Children of a benchmark: they end with it, however it ends, and every wait for them has an end."""

import ctypes
import json
import os
import pathlib
import resource
import select
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
CPUCLOCK_SCHED = 2
LIBC = ctypes.CDLL(None)


class Stuck(RuntimeError):
    """Something did not happen in its time."""


def prepare_child():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # A question that comes before the child listens for it waits until it does.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGUSR2})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a broker needs a descriptor for each session too


def start(words, **more):
    return subprocess.Popen([str(word) for word in words], preexec_fn=prepare_child, **more)


def until(condition, what, limit=120, every=0.05):
    """Waits until `condition()` is true and returns it."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Stuck(f"{what}: not within {limit:.0f} s")
        time.sleep(every)


def end(process, how=signal.SIGTERM, limit=60):
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def ask(process, limit=60):
    """One line of JSON that a child prints for SIGUSR2."""
    process.send_signal(signal.SIGUSR2)
    ready, _, _ = select.select([process.stdout], [], [], limit)
    line = process.stdout.readline() if ready else ""
    if not line:
        raise Stuck(f"{process.args[0]} gave no answer")
    return json.loads(line)


def status_kb(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def rss_kb(pid):
    return status_kb(pid, "VmRSS")


def private_dirty_kb(pid):
    lines = pathlib.Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty:"))


def written_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/io").read_text(encoding="utf-8").splitlines():
        if line.startswith("write_bytes:"):
            return int(line.split()[1])
    return 0


def cpu_s(pid):
    """Of all its threads, those that ended too: the process's own CPU clock (clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)


def wait_quiet(pid, limit=30):
    """Until the process has used no CPU worth naming for a second."""
    stop = time.monotonic() + limit
    while time.monotonic() < stop:
        was = cpu_s(pid)
        time.sleep(1)
        if cpu_s(pid) - was < 0.03:
            return
