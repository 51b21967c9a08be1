"""A controller with its publisher for scale_bench and scale_run, all through the real programs, on free ports."""

import json
import os
import pathlib
import signal
import subprocess
import time

LINE = "plant-slm"


class Site:
    """Folders and processes of one run. Not thread-safe."""

    def __init__(self, top, build, work, heartbeat="60s"):
        self.top = pathlib.Path(top)
        self.bin = pathlib.Path(build) / "bin"
        self.work = pathlib.Path(work)
        self.state = self.work / "controller"
        self.heartbeat = heartbeat
        self.controller = None
        self.environment = dict(os.environ, FLOTILLA_CONTEXT_FILE=str(self.work / "contexts.yaml"))

    def run(self, program, *words):
        done = subprocess.run([str(self.bin / program), *map(str, words)], env=self.environment, capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program} {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
        return done.stdout

    def fleetctl(self, *words):
        return self.run("fleetctl", *words)

    def configure(self):
        lines = [f"state_dir: {self.state}", "host_names: [localhost]", f"heartbeat_interval: {self.heartbeat}",
                 "enrolments_per_second: 100000", "admission: {new_per_source_per_second: 1000000}",
                 "log_level: warning"]
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
        self.fleetctl("context", "set", "bench", "--from", self.state / "operator")
        online = self.state / "online-keys"
        root = keys / "root.pub"
        stage = self.work / "stage"
        self.fleetctl("root", "init", "--keys", root, "--targets-keys", root, "--snapshot-keys", online / "snapshot.pub",
                      "--timestamp-keys", online / "timestamp.pub", "--expires", "365d", "--out", stage)
        self.fleetctl("root", "sign", stage, "--key", keys / "root.pem", "--yes")
        self.fleetctl("root", "publish", stage, "--yes")
        self.fleetctl("delegate", "add", f"models-{LINE}", "--keys", keys / "models.pub", "--key", keys / "root.pem",
                      "--yes")

    def start_controller(self):
        listeners = self.state / "listeners.json"
        was = listeners.stat().st_mtime_ns if listeners.exists() else 0
        log = open(self.work / "controller.log", "a", encoding="utf-8")
        self.controller = subprocess.Popen([str(self.bin / "flotilla-controller"), "run", "--config",
                                            str(self.work / "controller.yaml")], stdout=log, stderr=log,
                                           env=self.environment)
        while not listeners.exists() or listeners.stat().st_mtime_ns == was:
            if self.controller.poll() is not None:
                raise RuntimeError((self.work / "controller.log").read_text()[-2000:])
            time.sleep(0.02)

    def kill_controller(self, how=signal.SIGKILL):
        self.controller.send_signal(how)
        self.controller.wait()

    def listener(self, name):
        return json.loads((self.state / "listeners.json").read_text())[name]

    def token(self, uses):
        return json.loads(self.fleetctl("enroll", "token", "create", "--uses", str(uses), "-o", "json"))["text"]

    def push(self, version, model="plant-slm-v1-q8_0.gguf"):
        demo = self.top / "deploy/demo"
        self.fleetctl("release", "push", "--line", LINE, "--version", version, "--key", self.work / "keys/models.pem",
                      "--golden", demo / "golden.jsonl", "--floor", "40", demo / model)

    def roll_out(self, version, waves, in_flight):
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
        if self.controller is not None and self.controller.poll() is None:
            self.controller.kill()
            self.controller.wait()


class Swarm:
    """flotilla-swarm as a child."""

    def __init__(self, site, devices, *more, identities="swarm", token=None):
        self.devices = devices
        self.log = site.work / f"swarm-{time.monotonic_ns()}.log"
        self.out = self.log.with_suffix(".json")
        words = ["--devices", devices, "--controller", site.listener("device").replace("127.0.0.1", "localhost"),
                 "--enrolment", site.listener("enrolment").replace("127.0.0.1", "localhost"), "--state",
                 site.work / identities, "--report", "json", *more]
        if token is not None:
            words += ["--token", token]
        self.process = subprocess.Popen([str(site.bin / "flotilla-swarm"), *map(str, words)],
                                        stdout=open(self.out, "w", encoding="utf-8"),
                                        stderr=open(self.log, "w", encoding="utf-8"))

    def wait_for(self, text, times=1, limit=600):
        end = time.monotonic() + limit
        while self.log.read_text().count(text) < times:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the swarm did not say '{text}': {self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def up(self, times=1):
        self.wait_for("all up", times)

    def cut(self):
        self.process.send_signal(signal.SIGUSR1)
        self.wait_for("cut\n", self.log.read_text().count("cut\n") + 1)

    def live(self):
        lines = [line for line in self.log.read_text().splitlines() if " up " in line and " of " in line]
        return int(lines[-1].split(" up ")[1].split()[0]) if lines else 0

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        return json.loads(self.out.read_text().strip().splitlines()[-1])


def rss_kb(pid):
    return status_kb(pid, "VmRSS")


def status_kb(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
