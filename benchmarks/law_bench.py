"""The law of every epoch compiled: all importers, in a new process, with what it costs."""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.rows import Row

WORK = """
import json, resource, time
start = time.perf_counter()
from advalorem.law.load import load_lawbook
from advalorem.schedule.build import epoch_schedule, epochs_of
book = load_lawbook()
loaded = time.perf_counter()
kept = [
    epoch_schedule(book, importer, number, book.newest_act)
    for importer in book.columns
    for number in range(len(epochs_of(book, importer, book.newest_act).days))
]
built = time.perf_counter()
own = resource.getrusage(resource.RUSAGE_SELF)
plain = own.ru_maxrss / 1024
classes = sum(int(schedule.line_class.max()) + 1 for schedule in kept)
print(json.dumps({
    "load": loaded - start, "whole": built - start, "cpu": own.ru_utime + own.ru_stime,
    "peak": plain, "epochs": len(kept), "classes": classes,
    "with_classes": time.perf_counter() - start,
    "peak_with_classes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def run() -> list[Row]:
    """Return all figures of this module."""
    done = subprocess.run([sys.executable, "-c", WORK], check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    epochs, classes = f"{told['epochs']} epochs", f"{told['classes']:,} classes of lines"
    return [
        Row("imports and law loaded", told["load"], "s", 1, "new process"),
        Row("every epoch compiled", told["whole"], "s", 5, f"{epochs}, imports and law included"),
        Row("processor time of it", told["cpu"], "s", None, "user and system"),
        Row("peak memory", told["peak"], "MiB", 400, epochs),
        Row("with the classes of lines", told["with_classes"], "s", 5, classes),
        Row("peak memory with them", told["peak_with_classes"], "MiB", 400, classes),
    ]
