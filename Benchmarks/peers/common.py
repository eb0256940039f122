"""What the peers' scripts share: sizes, the middle of numbers, one process and its line, the machine."""
import json
import os
import platform
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))

SIZES = {  # layers, width, heads, vocabulary, time, rows
    "nano": (2, 64, 4, 256, 64, 8),
    "micro": (4, 128, 4, 256, 64, 8),
    "mini": (6, 256, 8, 1024, 128, 8),
    "small": (12, 512, 8, 8192, 256, 4),
    "gpt2": (12, 768, 12, 50257, 128, 4),
}


def median(values):
    values, middle = sorted(values), len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def spread(values):
    """The median, and the least and the most."""
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def run(words, input=None):
    """One process; its last JSON line."""
    start = dict(os.environ, BENCH_START=repr(time.time()))
    done = subprocess.run(words, capture_output=True, text=True, env=start, input=input)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        sys.exit(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")
    return json.loads(lines[-1])


def machine():
    """What a reader must know of the machine: its processor, and how many of them."""
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as file:
            name = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {"processor": name, "cores": os.cpu_count()}


def asked(description, **defaults):
    """The options that every comparison has, and its own, each with its default."""
    import argparse

    ask = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--ours", default=os.path.join(HERE, "..", "..", ".build", "release", "Benchmarks"))
    ask.add_argument("--python", default=sys.executable, help="the Python that has what the peer's script needs")
    for name, value in ({"rounds": 3, "seconds": 2.0} | defaults).items():
        if value is False:
            ask.add_argument("--" + name.replace("_", "-"), action="store_true")
        else:
            ask.add_argument("--" + name.replace("_", "-"), default=value, type=type(value))
    found = ask.parse_args()
    found.ours = os.path.abspath(found.ours)
    return found


def write(path, content):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w") as file:
        json.dump({"machine": machine()} | content, file, indent=1)
        file.write("\n")
