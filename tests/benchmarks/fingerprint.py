"""Renews `sleepjerk/rules/fingerprint.json`: `python -m tests.benchmarks.fingerprint`, after any change of code."""

import json

from sleepjerk.rules.fingerprint import ROOT, SHIPPED, code_sha256, night_modules, sources_sha256


def renewed() -> str:
    """What the file must hold: the modules that decide a night's result, and the hashes of both their forms."""
    paths = night_modules()
    modules = [path.relative_to(ROOT).as_posix() for path in paths]
    held = {"modules": modules, "sources": sources_sha256(paths), "code": code_sha256(paths)}
    return json.dumps(held, indent=1) + "\n"


if __name__ == "__main__":
    SHIPPED.write_text(renewed(), encoding="utf-8")
