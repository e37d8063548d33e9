"""A small file system of its own in a file, that can be full, slow, frozen, or copied as it is on disk. Needs root."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

THROTTLE: Final = Path("/sys/fs/cgroup/blkio/blkio.throttle.write_bps_device")
"""Of cgroup v1, for all processes and the journal of a file system alike. Version 2 has none for its root."""
MEGABYTE: Final = 2**20
_ASIDE: Final = "ballast"


class NotHereError(Exception):
    """This machine does not offer what the scenario needs."""


@dataclass(frozen=True, slots=True)
class Volume:
    """An ext4 file system in `image`, mounted at `at`.

    Its journal is written once in five minutes or on an fsync, not every five seconds: what nobody synced stays away
    from the disk for as long as the kernel allows.
    """

    image: Path
    at: Path

    @classmethod
    def made(cls, image: Path, at: Path, megabytes: int) -> "Volume":
        """A new one, mounted. Raises `NotHereError` where that is not permitted."""
        with image.open("wb") as file:
            file.truncate(megabytes * MEGABYTE)
        _run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image))
        volume = cls(image, at)
        volume.mount()
        return volume

    def mount(self) -> None:
        """Whoever may enter the folder it hides may enter it."""
        self.at.mkdir(parents=True, exist_ok=True)
        _run("mount", "-o", "loop,commit=300", str(self.image), str(self.at))
        self.at.chmod(0o711)

    def unmount(self) -> None:
        """Also where something of it is still open."""
        _run("umount", "-l", str(self.at))

    def fill(self) -> int:
        """Takes all the room there is; how many bytes that were."""
        with (self.at / _ASIDE).open("wb", buffering=0) as file, suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, max(1, shutil.disk_usage(self.at).free - MEGABYTE))
            os.lseek(file.fileno(), 0, os.SEEK_END)
            while file.write(bytes(4096)):
                pass
        return (self.at / _ASIDE).stat().st_size

    def clear(self) -> None:
        """Gives the room back."""
        (self.at / _ASIDE).unlink(missing_ok=True)

    @contextmanager
    def slow(self, bytes_per_second: int) -> Iterator[None]:
        """Writes, whoever's, reach the disk no faster than this. Raises `NotHereError`."""
        if not THROTTLE.exists():
            raise NotHereError(f"no {THROTTLE}: only cgroup v1 slows a device down for all who write to it")
        device = self._device()
        THROTTLE.write_text(f"{device} {bytes_per_second}")
        try:
            yield
        finally:
            THROTTLE.write_text(f"{device} 0")

    def hang(self, seconds: float) -> None:
        """Every write to it waits for so long.

        By a process of its own: whoever waits for the disk may be ours, and could not make it go on.
        """
        _run("sh", "-c", f"fsfreeze -f {self.at} && sleep {seconds} && fsfreeze -u {self.at}")

    def copied(self, to: Path) -> "Volume":
        """The image as it is on disk at this instant, not mounted: what a power cut would leave.

        What processes wrote and nobody synced is in the file system's memory, and so not in its image. Nothing may
        reach the image while it is copied: writers are stopped by the caller, the kernel's own by the throttle.
        """
        with self.slow(1):
            _run("cp", "--sparse=always", str(self.image), str(to))
        return Volume(to, self.at)

    def _device(self) -> str:
        source = Path(_run("findmnt", "-n", "-o", "SOURCE", "--mountpoint", str(self.at)).strip())
        number = source.stat().st_rdev
        return f"{os.major(number)}:{os.minor(number)}"


def _run(*command: str) -> str:
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which(command[0]) is None:
        raise NotHereError(f"{command[0]} is needed, and root on Linux")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotHereError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
