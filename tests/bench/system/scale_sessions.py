"""Rows 1 to 9, 19 and 20 of scale_bench: what sessions cost in memory and CPU, at rest, coming back and leaving."""

import os
import time

from scale_process import ask, cpu_s, end, private_dirty_kb, rss_kb, start, until, wait_quiet
from scale_site import Swarm
from scale_table import NEW_PER_SECOND, mean, progress

NO_HEARTBEAT = "3600s"
RECONNECTS = 6
HEAP_ROUNDS = 3
NEVER = 10_000_000  # seconds until a device accepts an offer
HEARTBEAT_BYTES = 25  # on the wire with its frames


def fresh_sessions(site, options, program=None):
    """A new controller with its first sessions behind it, and then `devices` more: (swarm, base RSS, CPU each)."""
    pid = site.restart(heartbeat=NO_HEARTBEAT, program=program)
    warm = Swarm(site, min(50, options.devices), "--ramp", 1)
    warm.up()
    warm.end()
    time.sleep(2)
    base, cpu = rss_kb(pid), cpu_s(pid)
    swarm = Swarm(site, options.devices, "--ramp", options.ramp, "--no-spread")
    swarm.up()
    spent = (cpu_s(pid) - cpu) / options.devices
    wait_quiet(pid)
    return swarm, base, spent


def rounds(site, options, floor, verdicts):
    """Rows 1, 5, 9 and 19, floor and candidate in turn, twice; and 2, 3 and 6 at the end. CPU of a session."""
    floors, kb, session, beat, idle = [], [], [], [], []
    for again in range(options.rounds):
        progress(f"round {again + 1} of {options.rounds}: the floor, {options.devices} sessions")
        floors.append(floor.costs(options.devices, options.ramp, options.beat, options.listen, HEARTBEAT_BYTES))
        if verdicts.wants(9):
            progress(f"round {again + 1}: heartbeats")
            beat.append(heartbeats(site, options))
        progress(f"round {again + 1}: the controller, {options.devices} sessions")
        swarm, base, spent = fresh_sessions(site, options)
        pid = site.controller.pid
        kb.append((rss_kb(pid) - base) / options.devices)
        session.append(spent)
        cpu = cpu_s(pid)
        time.sleep(options.listen)
        idle.append((cpu_s(pid) - cpu) / options.listen)
        if again + 1 < options.rounds or not verdicts.wants(2, 3):
            swarm.end()
    rss = [one["rss_kb"] for one in floors]
    tls = [one["session_s"] for one in floors]
    verdicts.tell(1, mean(kb) / mean(rss), rss, kb_per_session=round(mean(kb), 1), floor_kb=round(mean(rss), 1),
                  sessions=options.devices)
    verdicts.tell(5, mean(session) / mean(tls), tls, ms_per_session=round(mean(session) * 1e3, 3),
                  floor_ms=round(mean(tls) * 1e3, 3))
    verdicts.tell(19, mean(idle) * 100 / (options.devices / 1000), percent_of_a_core=round(mean(idle) * 100, 3))
    if beat:
        tell_heartbeat(options, verdicts, mean(beat) - mean(idle) * options.listen, [one["beat_s"] for one in floors])
    if verdicts.wants(2, 3):
        come_and_leave(site, options, verdicts, swarm, base)
    if verdicts.wants(6):
        resumed(site, options, verdicts, mean(session))
    return mean(session)


def heartbeats(site, options):
    """CPU while every session beats for as long as the floor was listened to."""
    pid = site.restart(heartbeat=f"{options.beat}s")
    swarm = Swarm(site, options.devices, "--ramp", options.ramp)
    swarm.up()
    time.sleep(options.beat)
    cpu = cpu_s(pid)
    time.sleep(options.listen)
    spent = cpu_s(pid) - cpu
    swarm.end()
    return spent


def tell_heartbeat(options, verdicts, spent, floors):
    beat = max(0.0, spent) / (options.devices * options.listen / options.beat)
    verdicts.tell(9, beat / mean(floors), floors, us_per_beat=round(beat * 1e6, 1), floor_us=round(mean(floors) * 1e6, 1),
                  bytes=HEARTBEAT_BYTES, answered=False)


def come_and_leave(site, options, verdicts, swarm, base):
    pid = site.controller.pid
    fresh = (rss_kb(pid) - base) / options.devices
    for again in range(RECONNECTS):
        progress(f"reconnect {again + 1} of {RECONNECTS}")
        swarm.cut()
        swarm.up(again + 2)
    wait_quiet(pid)
    after = (rss_kb(pid) - base) / options.devices
    verdicts.tell(2, after / fresh, kb_per_session=round(after, 1), kb_fresh=round(fresh, 1))
    peak = rss_kb(pid)
    swarm.end()
    time.sleep(15)
    verdicts.tell(3, rss_kb(pid) / peak, mb_after=round(rss_kb(pid) / 1e3, 1), mb_peak=round(peak / 1e3, 1))


def resumed(site, options, verdicts, session_s):
    progress("resumed sessions")
    pid = site.controller.pid
    swarm = Swarm(site, options.devices, "--ramp", options.ramp, "--resume", "--no-spread")
    swarm.up()
    wait_quiet(pid, 20)
    cpu = cpu_s(pid)
    swarm.cut()
    swarm.up(2)
    spent = (cpu_s(pid) - cpu) / options.devices
    report = swarm.end()
    verdicts.tell(6, spent / session_s, ms_per_session=round(spent * 1e3, 3), resumed=report["resumed"])


def heap(site, options, verdicts):
    """Row 4: what stays allocated when sessions have come and gone, by the C library's own count."""
    count = min(options.devices, 1000)
    progress(f"live heap after {HEAP_ROUNDS} x {count} sessions")
    site.environment["GLIBC_TUNABLES"] = "glibc.malloc.tcache_count=0"  # or freed blocks count as live
    try:
        site.restart(NO_HEARTBEAT, [options.bench / "scale_controller"])
    finally:
        del site.environment["GLIBC_TUNABLES"]
    pid, live = site.controller.pid, []
    for _ in range(HEAP_ROUNDS + 2):  # the first ones fill what is filled once
        swarm = Swarm(site, count, "--ramp", count / NEW_PER_SECOND)
        swarm.up()
        swarm.end()
        wait_quiet(pid)
        time.sleep(1)
        live.append(ask(site.controller)["heap"])
    left = (live[-1] - live[1]) / (count * HEAP_ROUNDS)
    verdicts.tell(4, max(0.0, left), sessions=count * HEAP_ROUNDS, mb_live=round(live[-1] / 1e6, 2))


def storm(site, options, verdicts, session_s):
    """Rows 7 and 8: everybody is cut off at once and comes back at once, with a timeout of 20 s. The swarm stays."""
    pid = site.restart(heartbeat=NO_HEARTBEAT)
    progress(f"storm: {options.storm} sessions come up")
    swarm = Swarm(site, options.storm, "--ramp", options.storm / NEW_PER_SECOND, "--no-spread", "--connect-timeout", 20,
                  "--accept-delay", NEVER)
    swarm.up()
    wait_quiet(pid, 20)
    if verdicts.wants(7, 8):
        progress("storm: cut")
        cpu, driver_cpu, begin = cpu_s(pid), cpu_s(swarm.process.pid), time.monotonic()
        swarm.cut()
        swarm.up(2)
        took = time.monotonic() - begin
        spent = (cpu_s(pid) - cpu) / options.storm
        others = (cpu_s(swarm.process.pid) - driver_cpu) / took
        free = max(0.1, os.cpu_count() - others)
        if session_s is not None:
            verdicts.tell(7, spent / session_s, ms_per_session=round(spent * 1e3, 3), sessions=options.storm)
        verdicts.tell(8, took / (options.storm * spent / free), seconds=round(took, 1), free_cores=round(free, 2),
                      note="the load generator runs on the same cores")
        wait_quiet(pid, 20)
    return swarm


def agent(site, options, floor, verdicts):
    """Row 20: a whole agent with a session and no model, beside a client that is OpenSSL alone."""
    progress("an agent's memory")
    site.restart(heartbeat=NO_HEARTBEAT)
    folder = site.work / "agent"
    folder.mkdir()
    (folder / "token").write_text(site.token(1), encoding="utf-8")
    with open(folder / "log", "w", encoding="utf-8") as log:
        device = start([site.bin / "flotilla-agent", "run", "--state-dir", folder / "state", "--trust-root",
                        site.work / "stage/1.root.json", "--device-id", "bench-agent", "--enrolment-address",
                        site.listener("enrolment").replace("127.0.0.1", "localhost"), "--device-address",
                        site.listener("device").replace("127.0.0.1", "localhost"), "--token-file", folder / "token",
                        "--engine", site.bin / "flotilla-engine", "--listen", "127.0.0.1:0"], stdout=log, stderr=log)
    site.children.append(device)
    until(lambda: "session.up" in (folder / "log").read_text(encoding="utf-8"), "the agent's session")
    floors = [floor.client_dirty_kb()]
    time.sleep(15)
    kb = private_dirty_kb(device.pid)
    floors.append(floor.client_dirty_kb())
    end(device)
    verdicts.tell(20, kb / mean(floors), floors, private_dirty_kb=kb, floor_kb=round(mean(floors), 1))
