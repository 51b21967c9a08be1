"""The disk that rows 12 to 18 of scale_bench are asked on: the machine's, or one that takes longer to sync.

Run as a program it prints the median of writing 8 KiB in place and fdatasync in a folder, in seconds: scale_disk.py FOLDER
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from scale_process import Stuck

LIBRARY = "libflotilla_slow_sync.so"
TIMES = 200
SINGLES_MORE = 1.1  # what is counted at once at the ends of a measurement


def fdatasync_s(folder):
    file = pathlib.Path(folder) / "fdatasync.probe"
    took = []
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        for _ in range(TIMES):
            begin = time.monotonic()
            os.pwrite(descriptor, b"x" * 8192, 0)
            os.fdatasync(descriptor)
            took.append(time.monotonic() - begin)
    finally:
        os.close(descriptor)
        file.unlink()
    return sorted(took)[TIMES // 2]


class Disk:
    """The disk of `options.tmp`, on which a sync lasts `options.sync` microseconds at the least. Its library lies in a folder
    that every user may read: a PostgreSQL that root starts runs as another one. Not thread-safe."""

    def __init__(self, options):
        self.folder = tempfile.TemporaryDirectory(prefix="scale-disk-", dir=options.tmp)
        self.sync_us = options.sync
        self.bare_s = fdatasync_s(self.folder.name)
        self.library = pathlib.Path(self.folder.name) / LIBRARY
        if self.sync_us:
            os.chmod(self.folder.name, 0o755)
            shutil.copyfile(options.bench / LIBRARY, self.library)
            os.chmod(self.library, 0o644)

    def words(self, words):
        """A command under this disk; its process id stays that of the program."""
        if not self.sync_us:
            return words
        return ["env", f"LD_PRELOAD={self.library}", f"FLOTILLA_SYNC_MICROS={self.sync_us}", *words]

    def fdatasync_s(self):
        """As a process under this disk sees it. Stuck: it does not see this disk."""
        words = self.words([sys.executable, __file__, self.folder.name])
        took = float(subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True, timeout=120).stdout)
        if took * 1e6 < self.sync_us:
            raise Stuck(f"fdatasync took {took * 1e6:.0f} us under {self.library}, {self.sync_us} were asked for")
        return took

    def check(self, pid):
        """Stuck: this process does not see this disk."""
        if self.sync_us and str(self.library) not in pathlib.Path(f"/proc/{pid}/maps").read_text(encoding="utf-8"):
            raise Stuck(f"process {pid} runs without {self.library}")

    def check_singles(self, per_second):
        """Stuck: no disk that takes so long commits so many, one after the other."""
        if per_second * self.sync_us > 1e6 * SINGLES_MORE:
            raise Stuck(f"{per_second:.0f} commits a second, one by one, with a sync of {self.sync_us} us: it was not seen")

    def figures(self):
        """What each row that was asked on this disk says of it."""
        return {"sync_us": self.sync_us, "bare_fdatasync_ms": round(self.bare_s * 1e3, 3)}


if __name__ == "__main__":
    print(fdatasync_s(sys.argv[1]))
