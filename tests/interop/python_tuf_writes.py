#!/usr/bin/env python3
"""python_tuf_writes.py REPOSITORY

Writes a repository (metadata/, targets/) with python-tuf: Ed25519, ECDSA and RSA keys, three roots in which every role's
keys change once, a delegation by path and one of its own below, consistent snapshots. Prints the targets and their
SHA-256 as one line of JSON.
"""

import datetime
import hashlib
import json
import pathlib
import sys

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
    MetaFile,
)

KINDS = [CryptoSigner.generate_ed25519, CryptoSigner.generate_ecdsa, CryptoSigner.generate_rsa]
TOP_LEVEL = ["root", "targets", "snapshot", "timestamp"]
EXPIRES = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=30)


class Repository:
    def __init__(self, folder):
        self.metadata = folder / "metadata"
        self.targets = folder / "targets"
        self.metadata.mkdir(parents=True)
        self.targets.mkdir(parents=True)

    def write(self, metadata, name):
        metadata.to_file(str(self.metadata / name))

    def add_target(self, role, path, content):
        digest = hashlib.sha256(content).hexdigest()
        parent, name = path.rsplit("/", 1)
        (self.targets / parent).mkdir(parents=True, exist_ok=True)
        (self.targets / parent / f"{digest}.{name}").write_bytes(content)
        role.targets[path] = TargetFile.from_data(path, content, ["sha256"])
        return digest


def write_roots(repository):
    """Root 1 to 3. In each the next kind of key signs each role; two of two keys sign root."""
    root = Metadata(Root(version=1, expires=EXPIRES, consistent_snapshot=True))
    signers = {}
    old_root_signers = []
    for version in range(1, 4):
        for index, role in enumerate(TOP_LEVEL):
            for signer in signers.get(role, []):
                root.signed.revoke_key(signer.public_key.keyid, role)
            count = 2 if role == "root" else 1
            signers[role] = [KINDS[(version + index + i) % 3]() for i in range(count)]
            for signer in signers[role]:
                root.signed.add_key(signer.public_key, role)
            root.signed.roles[role].threshold = count
        root.signed.version = version
        root.signatures.clear()
        for signer in old_root_signers + signers["root"]:
            root.sign(signer, append=True)
        old_root_signers = signers["root"]
        repository.write(root, f"{version}.root.json")
    return signers


def delegated(name, signer, paths):
    return DelegatedRole(name, [signer.public_key.keyid], 1, True, paths=paths)


def write_targets(repository, signer):
    models_signer, nested_signer = CryptoSigner.generate_ecdsa(), CryptoSigner.generate_rsa()
    top = Metadata(Targets(version=4, expires=EXPIRES))
    models = Metadata(Targets(version=7, expires=EXPIRES))
    nested = Metadata(Targets(version=2, expires=EXPIRES))
    top.signed.delegations = Delegations(
        {models_signer.public_key.keyid: models_signer.public_key},
        {"models-pump": delegated("models-pump", models_signer, ["models-pump/*"])},
    )
    models.signed.delegations = Delegations(
        {nested_signer.public_key.keyid: nested_signer.public_key},
        {"nested": delegated("nested", nested_signer, ["models-pump/beta-*"])},
    )
    digests = {
        "top/readme.txt": repository.add_target(top.signed, "top/readme.txt", b"signed by targets\n"),
        "models-pump/1.gguf": repository.add_target(models.signed, "models-pump/1.gguf", b"weights" * 1000),
        "models-pump/beta-2.gguf": repository.add_target(nested.signed, "models-pump/beta-2.gguf", b"beta" * 1000),
    }
    for metadata, name, role_signer in (
        (top, "4.targets.json", signer),
        (models, "7.models-pump.json", models_signer),
        (nested, "2.nested.json", nested_signer),
    ):
        metadata.sign(role_signer)
        repository.write(metadata, name)
    return digests


def write_online(repository, signers):
    snapshot = Metadata(Snapshot(version=9, expires=EXPIRES))
    snapshot.signed.meta = {
        "targets.json": MetaFile(4),
        "models-pump.json": MetaFile(7),
        "nested.json": MetaFile(2),
    }
    snapshot.sign(signers["snapshot"][0])
    repository.write(snapshot, "9.snapshot.json")
    snapshot_bytes = (repository.metadata / "9.snapshot.json").read_bytes()
    timestamp = Metadata(Timestamp(version=12, expires=EXPIRES))
    timestamp.signed.snapshot_meta = MetaFile(
        9, len(snapshot_bytes), {"sha256": hashlib.sha256(snapshot_bytes).hexdigest()}
    )
    timestamp.sign(signers["timestamp"][0])
    repository.write(timestamp, "timestamp.json")


def main():
    repository = Repository(pathlib.Path(sys.argv[1]))
    signers = write_roots(repository)
    digests = write_targets(repository, signers["targets"][0])
    write_online(repository, signers)
    print(json.dumps({"root": 3, "targets": digests}))


if __name__ == "__main__":
    main()
