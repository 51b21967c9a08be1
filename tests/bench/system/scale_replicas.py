"""Several controllers on one PostgreSQL, for scale_run: started, killed one after the other, and the database with them."""

import json
import os
import pathlib
import pwd
import signal
import subprocess
import time

from scale_process import end, start, until
from scale_site import Site


class Postgres:
    """A server of its own in `folder`, with durable commits, on a Unix socket."""

    def __init__(self, folder):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            raise RuntimeError("PostgreSQL's server is not installed (package postgresql)")
        self.programs = found[-1].parent
        self.data = pathlib.Path(folder) / "postgres"
        self.data.mkdir(parents=True)
        self.process = None
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.data, user.pw_uid, user.pw_gid)
            for above in self.data.parents:
                if above != pathlib.Path("/"):
                    above.chmod(above.stat().st_mode | 0o011)
        self.once("initdb", "-D", self.data, "-U", "flotilla", "-A", "trust", "--no-instructions", "--locale=C",
                  "--encoding=UTF8")

    @staticmethod
    def as_server(words):
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        return [*user, *map(str, words)]

    def once(self, program, *words):
        done = subprocess.run(self.as_server([self.programs / program, *words]), capture_output=True, text=True, check=False,
                              cwd="/")
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")
        return done.stdout

    def ask(self, sql):
        return self.once("psql", "-h", self.data, "-U", "flotilla", "-d", "postgres", "-Atqc", sql).strip()

    def boot(self):
        log = open(self.data.parent / "postgres.log", "a", encoding="utf-8")  # noqa: SIM115
        self.process = start(self.as_server([self.programs / "postgres", "-D", self.data, "-k", self.data, "-c",
                                             "listen_addresses=", "-c", "unix_socket_permissions=0777", "-c",
                                             "shared_buffers=256MB"]), stdout=log, stderr=log, cwd="/")
        until(self.answers, "PostgreSQL", every=0.1)

    def answers(self):
        try:
            return self.ask("SELECT 1") == "1"
        except RuntimeError:
            return False

    def restart(self):
        end(self.process, signal.SIGINT)
        self.boot()

    def stop(self):
        if self.process is not None:
            end(self.process, signal.SIGINT)


class ReplicaSite(Site):
    """`count` controllers of one fleet. `controller` is the first one, which init ran for."""

    def __init__(self, top, build, work, count, handshakes=0):
        super().__init__(top, build, work, handshakes=handshakes)
        self.postgres = Postgres(work)
        self.postgres.boot()
        self.others = {}
        self.count = count
        self.told = {"state": "ROLLOUT_STATE_UNSPECIFIED", "waves": []}

    def configure(self):
        super().configure()
        text = (self.work / "controller.yaml").read_text(encoding="utf-8")
        text += f'store: "host={self.postgres.data} user=flotilla dbname=postgres"\n'
        for i in range(self.count):
            own = text + f'replica: {{name: r{i + 1}, listen: "127.0.0.1:0"}}\n'
            (self.work / ("controller.yaml" if i == 0 else f"r{i + 1}.yaml")).write_text(own, encoding="utf-8")

    def listeners_file(self, i=0):
        return self.state / f"listeners-r{i + 1}.json"

    def start_controller(self, program=None):
        self.start_replica(0, program)
        self.controller = self.others[0]
        for i in range(1, self.count):
            self.start_replica(i)
        until((self.state / "listeners.json").exists, "the listeners of any replica")

    def start_replica(self, i, program=None):
        config = self.work / ("controller.yaml" if i == 0 else f"r{i + 1}.yaml")
        self.others[i] = self.launch(config, self.listeners_file(i), program)

    def start(self):
        super().start()
        for i in range(self.count):
            self.fleetctl("context", "set", f"r{i + 1}", "--from", self.state / "operator", *self.where(i))
        self.fleetctl("context", "use", "bench")

    def rollout(self, name):
        """Of the first replica that answers; while none leads, what was told last."""
        for i in range(self.count):
            try:
                found = self.fleetctl("rollout", "get", name, "-o", "json", "--context", f"r{i + 1}", "--timeout", "5s")
                self.told = json.loads(found)["rollout"]
                break
            except RuntimeError:
                continue
        return self.told

    def listeners(self, name):
        return [self.listener(name, i) for i in range(self.count)]

    def pids(self):
        return [process.pid for process in self.others.values()]

    def leader(self):
        return int(self.postgres.ask("SELECT name FROM leaders")[1:]) - 1

    def stop(self):
        for process in self.others.values():
            end(process, signal.SIGKILL)
        super().stop()
        self.postgres.stop()


class Trouble:
    """Kills one replica every `gap` seconds, every second time the one that leads, and starts it again at once; between the
    first two it restarts the database. Driven by `turn`: children end with the thread that started them."""

    def __init__(self, site, gap=20):
        self.site, self.gap = site, gap
        self.killed, self.leaders, self.restarts = [], 0, 0
        self.next_kill = time.monotonic() + gap
        self.next_restart = self.next_kill + gap / 2

    def turn(self):
        now = time.monotonic()
        if now >= self.next_kill:
            self.next_kill = now + self.gap
            self.kill_next()
        if now >= self.next_restart and self.restarts == 0:
            self.restarts = 1
            self.site.postgres.restart()

    def kill_next(self):
        leads = self.site.leader()
        i = leads if len(self.killed) % 2 == 0 else (leads + 1) % self.site.count
        self.leaders += i == leads
        end(self.site.others[i], signal.SIGKILL)
        self.killed.append(f"r{i + 1}")
        self.site.start_replica(i)

    def said(self):
        return {"killed": self.killed, "of_them_leaders": self.leaders, "database_restarts": self.restarts}
