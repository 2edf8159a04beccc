"""Network file systems, on which SQLite's write-ahead log is not safe."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
NETWORK_TYPES = frozenset({"9p", "afs", "beegfs", "ceph", "cifs", "davfs", "fuse.ceph", "fuse.davfs", "fuse.gcsfuse",
                           "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "glusterfs", "gpfs", "lustre",
                           "ncpfs", "nfs", "nfs4", "orangefs", "smb3", "smbfs"})  # fmt: skip


def network_type(path: Path) -> str | None:
    """
    The type of the network file system that a path is on; None for a local disk, or where the platform tells nothing.

    Linux tells the type of every mount; on Windows a path that starts with two slashes is on another machine.
    """
    path = path.resolve()
    if sys.platform == "win32" and str(path).startswith("\\\\"):
        return "a share"
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    return type_among(mounts, path)


def type_among(mounts: str, path: Path) -> str | None:
    r"""
    The same from the lines of ``/proc/self/mountinfo``: the longest mount point that holds the path decides.

    >>> lines = "1 0 0:1 / / rw - ext4 disk rw\n2 1 0:2 / /srv/team rw shared:1 - nfs4 server:/ann rw"
    >>> type_among(lines, Path("/srv/team/reviews.alps")), type_among(lines, Path("/srv/reviews.alps"))
    ('nfs4', None)
    >>> type_among(r"1 0 0:1 / /srv/our\040tëam rw - nfs4 server:/ann rw", Path("/srv/our tëam/reviews.alps"))
    'nfs4'
    """
    found = ""
    kind = ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) > 4 and after:
            place = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
            if len(place) >= len(found) and _holds(place, str(path)):
                found, kind = place, after.split(" ")[0]
    return kind if kind in NETWORK_TYPES else None


def _holds(place: str, path: str) -> bool:
    return path == place or path.startswith(place.rstrip(os.sep) + os.sep)
