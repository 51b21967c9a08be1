"""A controller with its publisher for scale_bench and scale_run, all through the real programs, on free ports."""

import json
import os
import pathlib
import signal
import subprocess
import time

from scale_process import Stuck, end, start, until

LINE = "plant-slm"


class Site:
    """Folders and processes of one run. Not thread-safe."""

    def __init__(self, top, build, work, heartbeat="60s", handshakes=0, more=()):
        self.top = pathlib.Path(top)
        self.bin = pathlib.Path(build) / "bin"
        self.work = pathlib.Path(work)
        self.state = self.work / "controller"
        self.heartbeat = heartbeat
        self.handshakes = handshakes  # a second that the controller counts with; 0: by its cores
        self.more = list(more)  # lines of controller.yaml
        self.controller = None
        self.children = []
        self.rollouts = 0  # that were started
        self.environment = dict(os.environ, FLOTILLA_CONTEXT_FILE=str(self.work / "contexts.yaml"))

    def run(self, program, *words):
        done = subprocess.run([str(self.bin / program), *map(str, words)], env=self.environment, capture_output=True,
                              text=True, check=False, timeout=180)
        if done.returncode != 0:
            raise RuntimeError(f"{program} {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
        return done.stdout

    def fleetctl(self, *words):
        return self.run("fleetctl", *words)

    def configure(self):
        admission = ["new_per_source_per_second: 1000000"]
        if self.handshakes:
            admission.append(f"handshakes_per_second: {self.handshakes}")
        lines = [f"state_dir: {self.state}", "host_names: [localhost]", f"heartbeat_interval: {self.heartbeat}",
                 "enrolments_per_second: 100000", f"admission: {{{', '.join(admission)}}}",
                 "log_level: warning", *self.more]
        lines += [f"{name}_listen: 127.0.0.1:0" for name in
                  ("enrolment", "device", "artifact", "operator", "dashboard")]
        (self.work / "controller.yaml").write_text("\n".join(lines) + "\n")

    def start(self):
        keys = self.work / "keys"
        keys.mkdir(parents=True)
        self.configure()
        for name in ("root", "models"):
            self.fleetctl("key", "new", "--out", keys / f"{name}.pem")
        self.run("flotilla-controller", "init", "--config", self.work / "controller.yaml")
        self.start_controller()
        self.fleetctl("context", "set", "bench", "--from", self.state / "operator", *self.where())
        online = self.state / "online-keys"
        root = keys / "root.pub"
        stage = self.work / "stage"
        self.fleetctl("root", "init", "--keys", root, "--targets-keys", root, "--snapshot-keys", online / "snapshot.pub",
                      "--timestamp-keys", online / "timestamp.pub", "--expires", "365d", "--out", stage)
        self.fleetctl("root", "sign", stage, "--key", keys / "root.pem", "--yes")
        self.fleetctl("root", "publish", stage, "--yes")
        self.fleetctl("delegate", "add", f"models-{LINE}", "--keys", keys / "models.pub", "--key", keys / "root.pem",
                      "--yes")

    def start_controller(self, program=None):
        """`program`: words in place of `flotilla-controller run`; its output can be read then."""
        self.controller = self.launch(self.work / "controller.yaml", self.listeners_file(), program)

    def launch(self, config, listeners, program):
        """One controller that has said where it listens."""
        was = listeners.stat().st_mtime_ns if listeners.exists() else 0
        words = program or [self.bin / "flotilla-controller", "run"]
        file = config.with_suffix(".log")
        with open(file, "a", encoding="utf-8") as log:
            process = start([*words, "--config", config], stderr=log, env=self.environment,
                            stdout=subprocess.PIPE if program else log, text=True)

        def listening():
            if process.poll() is not None:
                raise RuntimeError(file.read_text(encoding="utf-8")[-2000:])
            return listeners.exists() and listeners.stat().st_mtime_ns != was

        until(listening, "the controller's listeners", every=0.02)
        return process

    def listeners_file(self, _=0):
        return self.state / "listeners.json"

    def restart(self, heartbeat=None, program=None):
        """Ends the controller in order and starts it anew; its process id."""
        end(self.controller)
        if heartbeat is not None:
            self.heartbeat = heartbeat
            self.configure()
        self.start_controller(program)
        return self.controller.pid

    def kill_controller(self, how=signal.SIGKILL):
        end(self.controller, how)

    def listener(self, name, i=0):
        return json.loads(self.listeners_file(i).read_text(encoding="utf-8"))[name]

    def listeners(self, name):
        return [self.listener(name)]

    def where(self, i=0):
        """Words that name the listeners of one controller to `context set`."""
        return ["--operator", self.listener("operator", i), "--dashboard", self.listener("dashboard", i)]

    def add_operator(self, name):
        """Another person; a context of the same name."""
        key, request, certificate = (self.work / f"{name}.{end}" for end in ("key", "csr", "crt"))
        self.fleetctl("operator", "request", "--key", key, "--out", request)
        self.fleetctl("operator", "add", name, "--role", "operator", "--csr", request, "--out", certificate)
        self.fleetctl("context", "set", name, *self.where(), "--ca", self.state / "operator/ca.crt", "--cert", certificate,
                      "--key", key)
        self.fleetctl("context", "use", "bench")

    def pids(self):
        return [self.controller.pid]

    def token(self, uses):
        return json.loads(self.fleetctl("enroll", "token", "create", "--uses", str(uses), "-o", "json"))["text"]

    def push(self, version, model="plant-slm-v1-q8_0.gguf"):
        demo = self.top / "deploy/demo"
        self.fleetctl("release", "push", "--line", LINE, "--version", version, "--key", self.work / "keys/models.pem",
                      "--golden", demo / "golden.jsonl", "--floor", "40", demo / model)

    def roll_out(self, version, waves, in_flight):
        self.rollouts += 1
        name = f"{LINE}-{version}"
        text = (f"apiVersion: flotilla/v1\nkind: Rollout\nmetadata: {{name: {name}}}\nspec:\n"
                f"  release: {{model: {LINE}, version: {version}}}\n"
                f"  delivery: {{max_in_flight: {in_flight}}}\n  strategy:\n    waves:\n")
        for wave, size in waves:
            text += f"    - {{name: {wave}, {size}, gate: auto, soak: 1s, max_in_flight: {in_flight}}}\n"
        text += "    trial_duration: 1s\n"
        file = self.work / f"{name}.yaml"
        file.write_text(text)
        self.fleetctl("rollout", "create", "-f", file)
        self.fleetctl("rollout", "start", name, "--yes")
        return name

    def rollout(self, name):
        return json.loads(self.fleetctl("rollout", "get", name, "-o", "json"))["rollout"]

    def stop(self):
        for child in self.children:
            end(child, signal.SIGKILL)
        if self.controller is not None:
            end(self.controller, signal.SIGKILL)


class Swarm:
    """flotilla-swarm as a child."""

    def __init__(self, site, devices, *more, identities="swarm", token=None):
        self.devices = devices
        self.log = site.work / f"swarm-{time.monotonic_ns()}.log"
        self.out = self.log.with_suffix(".json")
        words = [word for address in site.listeners("device")
                 for word in ("--controller", address.replace("127.0.0.1", "localhost"))]
        words += ["--devices", devices, "--enrolment", site.listener("enrolment").replace("127.0.0.1", "localhost"), "--state",
                 site.work / identities, "--report", "json", *more]
        if token is not None:
            words += ["--token", token]
        with open(self.out, "w", encoding="utf-8") as out, open(self.log, "w", encoding="utf-8") as log:
            self.process = start([site.bin / "flotilla-swarm", *words], stdout=out, stderr=log)
        site.children.append(self.process)

    def text(self):
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, text, times=1, limit=300):
        def said():
            if self.process.poll() is not None:
                raise RuntimeError(f"the swarm ended: {self.text()[-2000:]}")
            return self.text().count(text) >= times

        try:
            until(said, f"the swarm did not say '{text.strip()}'", limit)
        except Stuck as stuck:
            raise Stuck(f"{stuck}: {self.text()[-300:]}") from None

    def up(self, times=1, limit=300):
        self.wait_for("all up", times, limit)

    def cut(self):
        count = self.text().count("cut\n") + 1
        self.process.send_signal(signal.SIGUSR1)
        self.wait_for("cut\n", count)

    def flood(self):
        self.process.send_signal(signal.SIGUSR2)
        self.wait_for("flood\n")

    def progress(self):
        """The numbers of the newest line: {"at": seconds, "up": n, "offers": n, "acked": n, "burst": (n, from, to)}."""
        lines = [line for line in self.text().splitlines() if " s  up " in line and " burst " in line and " to " in line]
        if not lines:
            return {"at": 0.0, "up": 0, "offers": 0, "acked": 0, "burst": (0, 0.0, 0.0)}
        words = lines[-1].split()
        value = {name: words[words.index(name) + 1] for name in ("up", "offers", "acked", "burst", "from", "to")}
        return {"at": float(words[0]), "up": int(value["up"]), "offers": int(value["offers"]), "acked": int(value["acked"]),
                "burst": (int(value["burst"]), float(value["from"]), float(value["to"]))}

    def live(self):
        return self.progress()["up"]

    def end(self):
        end(self.process)
        return json.loads(self.out.read_text(encoding="utf-8").strip().splitlines()[-1])
