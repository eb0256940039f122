"""What the peers' scripts share: sizes, the middle of numbers, one process and its line, the machine."""
import json
import os
import platform
import resource
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
RATE = 1e-4  # AdamW's, as on our side

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


def since_start():
    """Seconds since whoever started this process noted the time; else since the kernel made it."""
    if "BENCH_START" in os.environ:
        return time.time() - float(os.environ["BENCH_START"])
    with open("/proc/self/stat") as stat:
        ticks = int(stat.read().rsplit(")", 1)[1].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def measured(step, budget, tokens):
    """The fields of a line for a step that gives its loss: the first one, then as many as the seconds hold."""
    loss, cold = float(step()), since_start()
    for _ in range(3):
        step()
    samples, windows, end, used = [], [], time.perf_counter() + budget, time.process_time()
    while len(samples) < 7 or time.perf_counter() < end:
        first, close = len(samples), time.perf_counter() + 0.2
        while len(samples) == first or time.perf_counter() < close:
            start = time.perf_counter()
            step()
            samples.append(time.perf_counter() - start)
        windows.append(median(samples[first:]))
    return {
        "ms_med": 1e3 * median(samples), "ms_min": 1e3 * min(samples), "ms_low": 1e3 * min(windows),
        "ms_cpu": 1e3 * (time.process_time() - used) / len(samples), "n": len(samples),
        "tok_s": tokens / median(samples), "cold_s": cold, "loss0": loss,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def line(fields):
    """A JSON line, numbers to four decimals."""
    print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in fields.items()}))


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
