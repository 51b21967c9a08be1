"""The floors of scale_bench: OpenSSL and epoll alone, mosquitto, nats-server."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from scale_process import Stuck, ask, cpu_s, end, private_dirty_kb, rss_kb, start, until

SERVER_PATHS = ("/usr/sbin", "/usr/bin", "/usr/local/bin")


def program(name):
    found = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), *SERVER_PATHS)))
    if found is None:
        raise Stuck(f"{name} is not installed (the Debian package of this name)")
    return found


class TlsFloor:
    """tls_floor serve, and its drivers."""

    def __init__(self, site, build):
        self.program = pathlib.Path(build) / "bench/tls_floor"
        self.site = site
        self.server = None
        self.to = None
        self.restart()

    def restart(self):
        """A server that has had no session yet: memory that an earlier one left behind would hide what new ones take."""
        if self.server is not None:
            end(self.server)
        port_file = self.site.work / "floor.port"
        port_file.unlink(missing_ok=True)
        self.server = start([self.program, "serve", "--certificate", self.site.state / "tls/server.crt", "--key",
                             self.site.state / "tls/server.key", "--ca", self.site.state / "ca/ca.crt", "--port-file",
                             port_file], stdout=subprocess.PIPE, text=True)
        self.site.children.append(self.server)
        until(lambda: port_file.exists() and port_file.read_text(encoding="utf-8").endswith("\n"), "the floor's port")
        self.to = "localhost:" + port_file.read_text(encoding="utf-8").strip()

    def drive(self, devices, *more):
        driver = start([self.program, "drive", "--to", self.to, "--identities", self.site.work / "swarm", "--devices", devices,
                        *more], stdout=subprocess.PIPE, text=True)
        self.site.children.append(driver)
        until(lambda: ask(driver)["live"] >= devices, "the floor's sessions")
        return driver

    def settle(self, devices):
        until(lambda: ask(self.server)["live"] == devices, f"{devices} sessions of the floor")

    def costs(self, count, ramp, beat, listen, message):
        """RSS and CPU per session, CPU per message that is read and answered."""
        self.restart()
        end(self.drive(min(50, count)))
        self.settle(0)
        pid = self.server.pid
        rss, cpu = rss_kb(pid), cpu_s(pid)
        driver = self.drive(count, "--ramp", ramp, "--every", beat, "--message", message)
        self.settle(count)
        costs = {"rss_kb": (rss_kb(pid) - rss) / count, "session_s": (cpu_s(pid) - cpu) / count}
        before, cpu = ask(self.server)["messages"], cpu_s(pid)
        time.sleep(listen)
        beats = ask(self.server)["messages"] - before
        costs["beat_s"] = (cpu_s(pid) - cpu) / max(1, beats)
        costs["driver_dirty_kb"] = private_dirty_kb(driver.pid)
        end(driver)
        self.settle(0)
        return costs

    def listeners(self, count, ramp):
        """Sessions that wait for what push_s writes to them."""
        driver = self.drive(count, "--ramp", ramp)
        self.settle(count)
        time.sleep(1)
        return driver

    def push_s(self, driver, count, times=10):
        """CPU of the server for each message that it writes to every session of `driver`."""
        before, cpu = ask(driver)["received"], cpu_s(self.server.pid)
        for again in range(times):
            self.server.send_signal(signal.SIGUSR1)
            until(lambda want=before + count * (again + 1): ask(driver)["received"] >= want, "the floor's pushes")
        return (cpu_s(self.server.pid) - cpu) / (count * times)

    def client_dirty_kb(self):
        """Private memory of a client with one session and nothing else."""
        driver = self.drive(1)
        time.sleep(1)
        kb = private_dirty_kb(driver.pid)
        end(driver)
        return kb

    def stop(self):
        end(self.server)


MOSQUITTO = """listener {port} 127.0.0.1
cafile {ca}
certfile {certificate}
keyfile {key}
require_certificate true
allow_anonymous true
persistence false
max_queued_messages 0
max_connections -1
log_type error
"""
NATS = """listen: "127.0.0.1:{port}"
max_connections: 70000
ping_interval: "10m"
tls {{ cert_file: "{certificate}", key_file: "{key}", ca_file: "{ca}", verify: true, timeout: 30 }}
"""


class Broker:
    """mosquitto or nats-server with `count` subscribers of one topic, over mutual TLS as the device listener has it."""

    def __init__(self, site, build, kind, count, message, ramp):
        self.count = count
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        folder = site.work / kind
        folder.mkdir(exist_ok=True)
        for name in ("tls/server.crt", "tls/server.key", "ca/ca.crt"):
            shutil.copy(site.state / name, folder)
        values = {"port": port, "ca": folder / "ca.crt", "certificate": folder / "server.crt", "key": folder / "server.key"}
        config = folder / "config"
        config.write_text((MOSQUITTO if kind == "mosquitto" else NATS).format(**values), encoding="utf-8")
        if os.geteuid() == 0 and kind == "mosquitto":
            config.write_text(config.read_text(encoding="utf-8") + "user root\n", encoding="utf-8")
        words = [program(kind), "-c", config]
        with open(folder / "log", "w", encoding="utf-8") as log:
            self.server = start(words, stdout=log, stderr=log)
        site.children.append(self.server)

        def listens():
            if self.server.poll() is not None:
                raise RuntimeError(f"{kind}: {(folder / 'log').read_text(encoding='utf-8')[-500:]}")
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        until(listens, f"{kind} to listen")
        time.sleep(0.5)
        rss = rss_kb(self.server.pid)
        self.driver = start([pathlib.Path(build) / "bench/topic_floor", "mqtt" if kind == "mosquitto" else "nats", "--to",
                             f"localhost:{port}", "--identities", site.work / "swarm", "--devices", count, "--message", message,
                             "--ramp", ramp], stdout=subprocess.PIPE, text=True)
        site.children.append(self.driver)
        until(lambda: ask(self.driver)["live"] >= count, f"the subscribers of {kind}", limit=180)
        self.kb_per_session = (rss_kb(self.server.pid) - rss) / count

    def publish(self):
        """(milliseconds from the first to the last delivery, CPU of the broker for each delivery)."""
        cpu = cpu_s(self.server.pid)
        self.driver.send_signal(signal.SIGUSR1)
        answer = {}

        def all_there():
            answer.update(ask(self.driver))
            return answer["delivered"] >= self.count

        until(all_there, "the deliveries", every=0.5)
        return answer["last_ms"] - answer["first_ms"], (cpu_s(self.server.pid) - cpu) / self.count

    def stop(self):
        end(self.driver)
        end(self.server)
