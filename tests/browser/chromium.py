"""Finds a Chromium for the browser tests: the machine's own, or else the one from npm, unpacked once under `var/`."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT / "node_modules" / "@sparticuz" / "chromium"
ARCHIVES = ("al2023.tar", "fonts.tar", "swiftshader.tar")

# It brings the few libraries that a bare machine lacks, and one font; the machine's fonts are used as well.
LAUNCHER = """#!/bin/sh
here="{folder}"
export LD_LIBRARY_PATH="$here/lib${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}" FONTCONFIG_FILE="$here/fontconfig.xml"
exec "$here/headless" "$@"
"""
FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{folder}/fonts</dir>
  <cachedir>{folder}/cache</cachedir>
</fontconfig>
"""
# Node brings the decompressor that Python's library lacks.
DECOMPRESS = """
const { createReadStream, createWriteStream } = require("node:fs");
const { pipeline } = require("node:stream/promises");
const { createBrotliDecompress } = require("node:zlib");
const [from, to] = process.argv.slice(1);
pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to));
"""


def chromium_path() -> Path:
    """An executable for Playwright; unpacking takes some seconds, once, also when several processes ask."""
    if system := shutil.which("chromium"):
        return Path(system)
    if not PACKAGE.exists():
        raise FileNotFoundError(
            "There is no chromium on this machine nor in node_modules; run make test once."
        )
    version: str = json.loads((PACKAGE / "package.json").read_text())["version"]
    folder = PROJECT / "var" / "chromium" / version
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _unpack(folder)
    return folder / "chromium"


def _unpack(folder: Path) -> None:
    fresh = folder.with_suffix(".unfinished")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    _decompress("chromium", fresh / "headless")
    for archive in ARCHIVES:
        _decompress(archive, fresh / archive)
        with tarfile.open(fresh / archive) as opened:
            opened.extractall(fresh, filter="data")
        (fresh / archive).unlink()
    (fresh / "fontconfig.xml").write_text(FONTCONFIG.format(folder=folder))
    (fresh / "chromium").write_text(LAUNCHER.format(folder=folder))
    for program in ("headless", "chromium"):
        (fresh / program).chmod(0o755)
    fresh.rename(folder)


def _decompress(name: str, target: Path) -> None:
    node = shutil.which("node") or str(Path(sys.executable).parent / "node")
    subprocess.run([node, "-e", DECOMPRESS, str(PACKAGE / "bin" / f"{name}.br"), str(target)], check=True)


if __name__ == "__main__":
    print(chromium_path())
