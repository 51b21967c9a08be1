#!/usr/bin/env python3
"""Makes a LoRA adapter (GGUF) of the difference between two demo models.

    python3 make_adapter.py plant-slm-v3-regressed-q8_0.gguf plant-slm-v2-q8_0.gguf \
        --rank 4 --name plant-slm-repair --out plant-slm-v3-repair-lora.gguf

For every matrix in which the second model differs from the first, the difference is cut down to its
strongest RANK directions (truncated singular value decomposition) and written as X.lora_a and
X.lora_b in 16-bit floats. The first model with the adapter then answers almost as the second does.
The same inputs give the same bytes on one machine. Needs python3-numpy.
"""

import argparse
import struct

import numpy

ALIGNMENT = 32
F32, F16, Q8_0 = 0, 1, 8
TEXT, FLOAT32, ARRAY = 8, 6, 9
SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}


class Reader:
    """The tensors of a GGUF file by name; as much of the format as the demo models use."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        self.at = 4
        _, tensors, keys = self.take("<IQQ")
        for _ in range(keys):
            self.text()
            self.skip(self.take("<I")[0])
        infos = [self.info() for _ in range(tensors)]
        start = (self.at + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT
        self.tensors = {name: self.weights(shape, kind, start + offset)
                        for name, shape, kind, offset in infos if len(shape) == 2}

    def take(self, form):
        values = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return values

    def text(self):
        length, = self.take("<Q")
        self.at += length
        return self.data[self.at - length:self.at].decode("utf-8", "replace")

    def skip(self, kind):
        if kind == TEXT:
            self.text()
        elif kind == ARRAY:
            element, count = self.take("<IQ")
            for _ in range(count):
                self.skip(element)
        else:
            self.at += SIZES[kind]

    def info(self):
        name = self.text()
        dimensions, = self.take("<I")
        shape = self.take("<%dQ" % dimensions)
        kind, offset = self.take("<IQ")
        return name, shape, kind, offset

    def weights(self, shape, kind, offset):
        """Rows of outputs, columns of inputs."""
        count = shape[0] * shape[1]
        if kind == F32:
            flat = numpy.frombuffer(self.data, "<f4", count, offset)
        elif kind == F16:
            flat = numpy.frombuffer(self.data, "<f2", count, offset)
        elif kind == Q8_0:
            block = numpy.dtype([("scale", "<f2"), ("weights", "i1", 32)])
            blocks = numpy.frombuffer(self.data, block, count // 32, offset)
            flat = blocks["scale"].astype("f8")[:, None] * blocks["weights"]
        else:
            raise SystemExit("only F32, F16 and Q8_0 weights are read")
        return flat.astype("f8").reshape(shape[1], shape[0])


def factors(difference, rank):
    """A (rank x inputs) and B (outputs x rank) whose product is nearest to the difference."""
    u, s, v = numpy.linalg.svd(difference, full_matrices=False)
    root = numpy.sqrt(s[:rank])
    return (root[:, None] * v[:rank]).astype("<f2"), (u[:, :rank] * root).astype("<f2")


def put_text(text):
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def write(path, name, rank, pairs):
    keys = [("general.architecture", "llama"), ("general.type", "adapter"),
            ("general.name", name), ("general.license", "apache-2.0"), ("adapter.type", "lora")]
    tensors = []
    for base in sorted(pairs):
        a, b = pairs[base]
        tensors += [(base + ".lora_a", a), (base + ".lora_b", b)]
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys) + 1)
    for key, value in keys:
        head += put_text(key) + struct.pack("<I", TEXT) + put_text(value)
    head += put_text("adapter.lora.alpha") + struct.pack("<If", FLOAT32, float(rank))
    body = b""
    for tensor_name, values in tensors:
        head += put_text(tensor_name)
        head += struct.pack("<IQQIQ", 2, values.shape[1], values.shape[0], F16, len(body))
        body += values.tobytes()
        body += bytes(-len(body) % ALIGNMENT)
    with open(path, "wb") as file:
        file.write(head + bytes(-len(head) % ALIGNMENT) + body)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base")
    parser.add_argument("wanted")
    parser.add_argument("--rank", type=int, default=4)
    parser.add_argument("--name", default="adapter")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    base, wanted = Reader(options.base).tensors, Reader(options.wanted).tensors
    pairs = {}
    for name in base:
        difference = wanted[name] - base[name]
        size = numpy.abs(difference).max()
        if size > 0:
            pairs[name] = factors(difference, options.rank)
            a, b = pairs[name]
            left = numpy.linalg.norm(difference - b.astype("f8") @ a.astype("f8"))
            print("%-24s largest change %.4f, %4.1f %% of it not covered" %
                  (name, size, 100 * left / numpy.linalg.norm(difference)))
    write(options.out, options.name, options.rank, pairs)


if __name__ == "__main__":
    main()
