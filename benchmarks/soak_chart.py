"""Draws the lines of a soak as PNG: memory above, open files below, each process a line. It judges nothing.

matplotlib is installed for the moment into a folder of its own, and this file runs there; nothing here depends on it.
"""

import json
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Final

NEEDED: Final = "matplotlib==3.10.*"
SECONDS: Final = 300


def draw(figures: Path, chart: Path) -> str:
    """Where it was drawn, or why it was not."""
    with tempfile.TemporaryDirectory(prefix="phoihop-chart-") as folder:
        python = Path(folder) / "bin" / "python"
        for command in (
            [sys.executable, "-m", "venv", folder],
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NEEDED],
            [str(python), __file__, str(figures), str(chart)],
        ):
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
            if done.returncode:
                return f"no chart: {(done.stderr.strip() or done.stdout.strip()).splitlines()[-1]}"
    return f"drawn: {chart}"


def _draw(figures: Path, chart: Path) -> None:
    import_module("matplotlib").use("Agg")
    pyplot = import_module("matplotlib.pyplot")
    told = json.loads(figures.read_text())
    samples = told["samples"]
    minutes = [one["at"] / 60 for one in samples]
    figure, axes = pyplot.subplots(2, 1, figsize=(10, 7), sharex=True)
    for axis, what, label in zip(axes, ("megabytes", "files"), ("resident memory, MB", "open files"), strict=True):
        for name in told["lines"][what]:
            axis.plot(minutes, [one[what].get(name) for one in samples], label=name, linewidth=1.4)
        axis.set_ylabel(label)
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
        axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    axes[1].set_xlabel("minutes")
    axes[0].set_title(
        f"{told['rate']:.0f} reports a second for {told['seconds'] / 60:.0f} min: "
        f"{told['receipts']:,} receipts, {told['machine']['cores']} cores"
    )
    figure.savefig(chart, dpi=110, bbox_inches="tight")


if __name__ == "__main__":
    _draw(Path(sys.argv[1]), Path(sys.argv[2]))
