"""Runs a command and says what it cost: cpu seconds of all its processes, and their peak memory together."""

import os
import subprocess
import time
from dataclasses import dataclass

PAGE = os.sysconf("SC_PAGE_SIZE")
BETWEEN_LOOKS_SECONDS = 0.004


@dataclass
class Cost:
    """Cpu is user and system time; peak is in bytes."""

    cpu: float
    peak: int

    @staticmethod
    def of(parts):
        """Steps one after the other: cpu adds up, the peak is the highest."""
        parts = list(parts)
        return Cost(sum(part.cpu for part in parts), max(part.peak for part in parts))


class Failed(Exception):
    """A command ended otherwise than it should; the text is for a person."""


def run(command, log, allowed=(0,)):
    """What the command writes goes to `log`, its errors after it. The exit code must be one of the allowed."""
    with open(log, "wb") as out, open(f"{log}.err", "wb") as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
        watched = Watched(process.pid)
        while True:
            watched.look()
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(BETWEEN_LOOKS_SECONDS)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in allowed:
        with open(f"{log}.err", encoding="utf-8", errors="replace") as errors:
            raise Failed(f"{' '.join(command)}\n  ended with {process.returncode}: {errors.read()[-2000:].strip()}")
    return Cost(usage.ru_utime + usage.ru_stime, watched.peak)


class Watched:
    """A process and its descendants. Pages that two of them share are counted in both."""

    def __init__(self, pid):
        self.pid, self.peak, self.highest = pid, 0, {}

    def look(self):
        now = 0
        for pid in self.family():
            now += resident(pid)
            # The kernel remembers each process's own peak, also one between two looks.
            self.highest[pid] = max(self.highest.get(pid, 0), high_water(pid))
        self.peak = max(self.peak, now, *self.highest.values(), 0)

    def family(self):
        found, waiting = [], [self.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            waiting.extend(children(pid))
        return found


def children(pid):
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found.extend(int(child) for child in file.read().split())
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def resident(pid):
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * PAGE
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return 0


def high_water(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0
