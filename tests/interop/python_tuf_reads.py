#!/usr/bin/env python3
"""python_tuf_reads.py REPOSITORY TRUSTED_ROOT WORK_DIR TARGET...

Serves REPOSITORY (metadata/, targets/) on the loopback and reads it with python-tuf's client as a device does that
knows only TRUSTED_ROOT: refresh, find each TARGET, download it, check its bytes. Prints one line of JSON; exit 1 with
the error's name when anything is refused.
"""

import functools
import hashlib
import http.server
import json
import pathlib
import shutil
import sys
import threading

from tuf.api.metadata import Metadata
from tuf.ngclient import Updater


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


def read(base_url, trusted_root, work_dir, targets):
    metadata_dir = work_dir / "metadata"
    target_dir = work_dir / "targets"
    metadata_dir.mkdir(parents=True, exist_ok=True)
    target_dir.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(trusted_root, metadata_dir / "root.json")
    updater = Updater(
        metadata_dir=str(metadata_dir),
        metadata_base_url=f"{base_url}/metadata/",
        target_dir=str(target_dir),
        target_base_url=f"{base_url}/targets/",
    )
    updater.refresh()
    got = {}
    for target in targets:
        info = updater.get_targetinfo(target)
        if info is None:
            raise LookupError(f"no role lists {target}")
        file = updater.download_target(info)
        got[target] = hashlib.sha256(pathlib.Path(file).read_bytes()).hexdigest()
    root = Metadata.from_file(str(metadata_dir / "root.json"))
    return {"root": root.signed.version, "targets": got}


def main():
    repository, trusted_root, work_dir, *targets = sys.argv[1:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=repository))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        result = read(f"http://127.0.0.1:{server.server_port}", trusted_root, pathlib.Path(work_dir), targets)
    except Exception as error:  # every refusal is an answer of this program
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    finally:
        server.shutdown()
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
