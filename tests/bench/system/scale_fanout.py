"""Rows 10 and 11 of scale_bench: one change to every session, beside a broker that publishes one message."""

import time

from scale_floor import Broker
from scale_process import Stuck, cpu_s, end, until, wait_quiet
from scale_table import NEW_PER_SECOND, mean, progress

CHANGE_BYTES = 500
FOLD_S = 6  # idle seconds after which the store folds its journal, and one


def deliver(site, swarm, act):
    """Runs `act` and waits until every device was told: (ms from the first to the last, s from the command, CPU each)."""
    pid = site.controller.pid
    told, cpu, begin = swarm.progress()["offers"], cpu_s(pid), time.monotonic()
    act()
    until(lambda: swarm.progress()["offers"] >= told + swarm.devices, "the deliveries", limit=90, every=0.2)
    _, first, last = swarm.progress()["burst"]
    wait_quiet(pid, 20)
    return (last - first) * 1e3, last - begin, (cpu_s(pid) - cpu) / swarm.devices


def changes(site, options, floor, swarm, verdicts):
    """The start of a rollout to everybody, and its pause; before and between them the floors."""
    version = f"1.0.{site.rollouts}"
    site.push(version)
    name = None
    tls, first_to_last, from_command, cpu = [], [], [], []

    def begin():
        nonlocal name
        name = site.roll_out(version, [("all", "percent: 100")], swarm.devices)

    if verdicts.wants(10):
        progress("fan-out: sessions of the floor")
        listeners = floor.listeners(swarm.devices, swarm.devices / NEW_PER_SECOND)
    for act in (begin, lambda: site.fleetctl("rollout", "pause", name, "--yes")):
        if verdicts.wants(10):
            progress("fan-out: the floor")
            tls.append(floor.push_s(listeners, swarm.devices))
        # What the last change left in the journal is folded when the store has been idle: not during the next one.
        time.sleep(FOLD_S)
        wait_quiet(site.controller.pid, 20)
        progress(f"fan-out: a change to {swarm.devices} sessions")
        ms, seconds, each = deliver(site, swarm, act)
        first_to_last.append(ms)
        from_command.append(seconds)
        cpu.append(each)
    if verdicts.wants(10):
        end(listeners)
        verdicts.tell(10, mean(cpu) / mean(tls), tls, us_per_delivery=[round(one * 1e6, 1) for one in cpu],
                      floor_us=round(mean(tls) * 1e6, 1), durable=True)
    site.fleetctl("rollout", "abort", name, "--yes")  # the next one of these devices may begin
    swarm.end()
    if verdicts.wants(11):
        brokers(site, options, swarm.devices, first_to_last, from_command, verdicts)


def brokers(site, options, count, first_to_last, from_command, verdicts):
    floors, others = [], {}
    for kind in ("mosquitto", "nats-server"):
        progress(f"fan-out: {kind}, {count} subscribers")
        try:
            broker = Broker(site, options.build, kind, count, CHANGE_BYTES, count / NEW_PER_SECOND)
        except Stuck as stuck:
            if kind == "mosquitto":
                raise
            others[kind] = str(stuck)
            continue
        broker.publish()  # the first one fills what is filled once
        told = [broker.publish() for _ in range(3)]
        broker.stop()
        if kind == "mosquitto":
            floors = [ms for ms, _ in told]
        others[kind] = {"ms": [round(ms, 1) for ms, _ in told], "us_per_delivery": round(mean([us for _, us in told]) * 1e6, 1),
                        "kb_per_session": round(broker.kb_per_session, 1)}
    verdicts.tell(11, mean(first_to_last) / mean(floors), floors, ms=[round(ms, 1) for ms in first_to_last],
                  seconds_from_command=[round(seconds, 2) for seconds in from_command], sessions=count, brokers=others)
