"""The ratio table of scale_bench: what each row is, its gate and aim, and the verdicts of a run."""

import json
import sys
import time

# row: (what, gate, aim). A ratio is good when it is at most these; ">=" in front: at least.
TABLE = {
    1: ("RSS per idle mTLS session / raw TLS", 5.5, 4.5),
    2: ("RSS per session after 6 full reconnects / fresh", 1.25, 1.1),
    3: ("RSS 15 s after all sessions left / peak", 0.85, 0.3),
    4: ("live heap, bytes a session that came and went", 100, None),
    5: ("server CPU per session established (full mTLS) / raw TLS", 2.6, 2.2),
    6: ("server CPU per session resumed / own full", 0.75, None),
    7: ("storm without jitter: CPU per session / row 5's", 1.3, None),
    8: ("storm: time until all back / (N x CPU per session / free cores)", 2.5, 1.5),
    9: ("server CPU per heartbeat / raw TLS echo", 4, 3),
    10: ("server CPU per delivery of a change / raw TLS write", 4.5, 2),
    11: ("time from first to last delivery / mosquitto QoS 0", 2, 1.2),
    12: (">= durable acked status/s through sessions / one commit each", 20, 40),
    13: (">= the same / acked from memory", 0.5, 0.75),
    14: ("p99 durable ack at 100 outstanding / fdatasync", 12, 6),
    15: ("disk bytes per status / payload", 5, 3),
    16: (">= PostgreSQL status rows/s, batch / single", 80, 150),
    17: (">= PostgreSQL status rows/s with notifications / without", 0.95, None),
    18: ("change visible on another replica / its commit", 1.5, None),
    19: ("idle CPU, % of a core per 1,000 sessions", 0.2, None),
    20: ("agent private dirty memory / raw TLS client", 4, None),
}
MOST_FLOOR_MOVES = 0.3
NEW_PER_SECOND = 400  # sessions that a ramp opens: fewer than two cores can


def progress(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def mean(values):
    return sum(values) / len(values)


def moved(values):
    """How far the values of a floor lie apart, of the smallest."""
    return max(values) / min(values) - 1 if min(values) > 0 else float("inf")


class Verdicts:
    """What a run said, a line of JSON for each row as it comes and a table at the end."""

    def __init__(self, rows):
        self.rows = set(rows)
        self.said = {}

    def wants(self, *rows):
        return any(row in self.rows for row in rows)

    def tell(self, row, ratio, floors=(), **figures):
        """`floors`: the floor as measured in each round; the row counts only when they agree."""
        if row not in self.rows:
            return
        what, gate, aim = TABLE[row]
        at_least = what.startswith(">=")
        line = {"bench": "scale", "row": row, "what": what.removeprefix(">= "), "ratio": round(ratio, 3), "gate": gate,
                "aim": aim}

        def good(bound):
            return None if bound is None else (ratio >= bound if at_least else ratio <= bound)

        line.update(reaches_gate=good(gate), reaches_aim=good(aim), verdict="passed" if good(gate) else "FAILED", **figures)
        if len(floors) > 1:
            line["floor_moved"] = round(moved(floors), 3)
            if moved(floors) > MOST_FLOOR_MOVES:
                line["verdict"] = "discarded"  # the machine was busy with something else
        self.keep(row, line)

    def discarded(self):
        return [row for row, line in self.said.items() if line["verdict"] == "discarded"]

    def not_measured(self, row, why):
        if row in self.rows and row not in self.said:
            self.keep(row, {"bench": "scale", "row": row, "what": TABLE[row][0].removeprefix(">= "), "verdict": "not measured",
                            "why": why})

    def keep(self, row, line):
        self.said[row] = line
        print(json.dumps(line), flush=True)

    def table(self):
        lines = [f"{'row':>3}  {'measured':>10}  {'gate':>8}  {'aim':>6}  {'verdict':<13}what"]
        for row in sorted(self.said):
            line = self.said[row]
            what, gate, aim = TABLE[row]
            sign = ">=" if what.startswith(">=") else "<="
            ratio = f"{line['ratio']:.3g}" if "ratio" in line else "-"
            reached = " (aim)" if line.get("reaches_aim") and line["verdict"] == "passed" else ""
            lines.append(f"{row:>3}  {ratio:>10}  {sign + ' ' + str(gate):>8}  {aim if aim is not None else '-':>6}  "
                         f"{line['verdict'] + reached:<13}{what.removeprefix('>= ')}")
        return "\n".join(lines)

    def passed(self):
        return all(line["verdict"] == "passed" for line in self.said.values())
