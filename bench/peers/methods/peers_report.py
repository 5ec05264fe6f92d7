"""`timed` and `report` of ../common.py, without the model that it makes."""

import json
import statistics
import time


def timed(runs: int, run) -> dict:
    run()
    seconds, processors = [], []
    for _ in range(runs):
        began, used = time.perf_counter(), time.process_time()
        run()
        seconds.append(time.perf_counter() - began)
        processors.append(time.process_time() - used)
    return dict(seconds=statistics.median(seconds), processors=statistics.median(processors))


def report(**numbers: float) -> None:
    status = open("/proc/self/status").read()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(json.dumps({**numbers, "peakMemory": peak}))
