"""Rows 12 to 18 of scale_bench: the way of a status to the disk, through sessions and in the store alone."""

import json
import os
import signal
import statistics
import subprocess
import time

from scale_process import cpu_s, start, wait_quiet, written_bytes
from scale_site import Swarm
from scale_table import NEW_PER_SECOND, mean, progress

PAYLOAD_BYTES = 200
# Devices and reports that each keeps on its way.
MANY = (1000, 8)
FEW = (64, 1)
HUNDRED = (100, 1)


class Flood:
    """Reports as fast as they are acknowledged, through sessions to one kind of store."""

    def __init__(self, site, options, disk, kind, load):
        devices, outstanding = load
        devices = min(devices, options.devices)
        pid = site.restart("3600s", disk.words([options.bench / "scale_controller", "--store", kind]))
        disk.check(pid)
        swarm = Swarm(site, devices, "--ramp", max(1, devices / NEW_PER_SECOND), "--flood", outstanding)
        swarm.up()
        wait_quiet(pid, 10)
        written = written_bytes(pid)
        swarm.flood()
        time.sleep(2)
        before, cpu = swarm.progress(), cpu_s(pid)
        time.sleep(options.listen)
        after = swarm.progress()
        self.cpu_us = (cpu_s(pid) - cpu) / max(1, after["acked"] - before["acked"]) * 1e6
        self.rate = (after["acked"] - before["acked"]) / max(0.001, after["at"] - before["at"])
        self.report = swarm.end()
        self.written = last_written(site.controller) - written


def last_written(controller):
    """Ends the controller and gives what it had written to the last: closing folds the log into the tables."""
    controller.send_signal(signal.SIGTERM)
    most = 0
    stop = time.monotonic() + 60
    while controller.poll() is None and time.monotonic() < stop:
        try:
            most = max(most, written_bytes(controller.pid))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            break
        time.sleep(0.001)
    return most


def through_sessions(site, options, disk, verdicts):
    """Rows 12, 13 and 15."""
    grouped, each, memory, written = [], [], [], []
    for again in range(options.rounds):
        progress(f"round {again + 1} of {options.rounds}: one transaction for each status")
        if verdicts.wants(12):
            each.append(Flood(site, options, disk, "each", FEW).rate)
            disk.check_singles(each[-1])
        progress(f"round {again + 1}: group commit")
        flood = Flood(site, options, disk, "grouped", MANY)
        grouped.append(flood.rate)
        written.append(flood.written / max(1, flood.report["reports_acked"]) / PAYLOAD_BYTES)
        if verdicts.wants(13):
            progress(f"round {again + 1}: acknowledged from memory")
            memory.append(Flood(site, options, disk, "memory", MANY).rate)
    figures = {"statuses_per_second": [round(rate) for rate in grouped], "us_cpu_per_status": round(flood.cpu_us, 1)}
    if each:
        verdicts.tell(12, mean(grouped) / mean(each), each, one_each_per_second=[round(rate) for rate in each], **figures,
                      **disk.figures())
    if memory:
        verdicts.tell(13, mean(grouped) / mean(memory), memory, from_memory_per_second=[round(rate) for rate in memory],
                      **disk.figures())
    verdicts.tell(15, mean(written), with_the_fold=True, payload_bytes=PAYLOAD_BYTES,
                  bytes_per_status=[round(ratio * PAYLOAD_BYTES) for ratio in written], **disk.figures())


def latency(site, options, disk, verdicts):
    """Row 14: the p99 of the middle round. A p99 is what one bad second of the machine makes of it."""
    progress("100 statuses on their way at a time")
    floors, p99 = [], []
    for _ in range(options.rounds + 1):
        floors.append(disk.fdatasync_s())
        p99.append(Flood(site, options, disk, "grouped", HUNDRED).report["ack_ms"]["p99"])
    floors.append(disk.fdatasync_s())
    verdicts.tell(14, statistics.median(p99) / (mean(floors) * 1e3), floors, p99_ms=[round(ms, 1) for ms in p99],
                  fdatasync_ms=round(mean(floors) * 1e3, 3), **disk.figures())


def postgres(site, options, disk, verdicts):
    """Rows 16, 17 and 18, by store_bench on a PostgreSQL of its own."""
    progress("PostgreSQL")
    child = start(disk.words([options.bench / "store_bench", site.work, "postgres"]), stdout=subprocess.PIPE, text=True,
                  env=dict(os.environ, TMPDIR=str(options.tmp)))
    site.children.append(child)
    out, _ = child.communicate(timeout=240)
    figures, discarded = {}, []
    for line in out.splitlines():
        said = json.loads(line)
        if "figure" in said:
            figures[said["figure"]] = said["value"]
        elif "discarded" in said:
            discarded.append(said["discarded"])
    disk.check_singles(figures.get("postgres_single_reports_per_second", 0))
    rows = {16: ("postgres_grouped_to_single", "postgres_single"), 17: ("postgres_notify_grouped_to_single", "postgres_notify"),
            18: ("postgres_visible_to_commit", None)}
    for row, (name, floor) in rows.items():
        if name in figures:
            more = {key: round(value, 3) for key, value in figures.items() if floor and key.startswith(floor)}
            if row == 18:
                more["commit_ms"] = figures.get("postgres_commit_ms")
            verdicts.tell(row, figures[name], **more, **disk.figures())
        else:
            verdicts.not_measured(row, "; ".join(discarded) or "PostgreSQL is not installed (the Debian package postgresql)")
