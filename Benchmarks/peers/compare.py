"""Ours and Hugging Face's steps in turn, so that both meet the same machine; the table shows ratios.

    python compare.py [--ours .build/release/Benchmarks] [--python PYTHON] [--sizes nano,mini] [--configs full,lora]
                      [--threads 1,2] [--rounds 3] [--seconds 2] [--json results/latest.json] [--no-agree] [--wait 0]
                      [--methods | --busy] [--peer hf|torch|compile|jax]

A config names both sides' at once, or ours and the peer's apart: lora-bf16:lora is our bf16 against their float32.

First both sides train five steps from the same weights on the same tokens: every pair of losses must agree within
1e-3 (2e-2 where a side computes in bf16), or the comparison ends there. Then, round by round, each side measures in a fresh process (A B A B …). A ratio
is the peer's time by ours within one round; the table gives their median, lowest and highest. On a machine that
others use too, look at the quietest windows, and with one thread at processor time; --wait lets each process wait
until others leave the machine alone.

--peer names who stands on the other side: transformers with peft, or the same step written out in torch, compiled by
torch, or in JAX (train_lean.py); --json is then results/PEER.json by default.

The ratios also become a picture beside the JSON file. --methods takes every method that peft has too.

--busy measures each side alone and beside one process that never rests, in turn, and prints by how much it slows down.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

from common import HERE, asked, median, run, spread, write

# Ours as peft has it, and the name of the peer's.
METHODS = ["prompt", "prefix", "ptuning like=peft:ptuning", "ptuning2 dropout=0:ptuning2", "ia3 like=peft:ia3",
           "dora r=8 alpha=16 on=attn.qkv:dora", "pissa r=8 alpha=16 on=attn.qkv:pissa", "bitfit", "norms"]


def busy():
    """Processor seconds that the machine spent on anything so far."""
    with open("/proc/stat") as file:
        user, nice, system = [int(x) for x in file.readline().split()[1:4]]
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def wait_for_quiet(limit):
    """Returns when others used less than a fifth of one core for half a second, or after so many seconds."""
    end = time.time() + limit
    while time.time() < end:
        before = busy()
        time.sleep(0.5)
        if busy() - before < 0.1:
            return


def agree(ours, peer, size, config):
    """The largest difference of losses over five steps from equal weights."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "start.safetensors")
        a = run(ours + ["agree", size, sides(config)[0], path])["losses"]
        b = run(peer + ["agree", size, sides(config)[1], path])["losses"]
    worst = max(abs(x - y) for x, y in zip(a, b, strict=True))
    assert worst < (2e-2 if "bf16" in config else 1e-3), f"{size} {config}: losses differ by {worst}: {a} and {b}"
    return worst


def sides(config):
    """Our config and the peer's."""
    mine, _, theirs = config.partition(":")
    return mine, theirs or mine


def row(case, pairs):
    ours, peers = [a for a, _ in pairs], [b for _, b in pairs]
    ratios = [b["ms_med"] / a["ms_med"] for a, b in pairs]
    lows = [b["ms_low"] / a["ms_low"] for a, b in pairs]
    used = [b["ms_cpu"] / a["ms_cpu"] for a, b in pairs]
    colds = [b["cold_s"] / a["cold_s"] for a, b in pairs]
    return {
        "size": case[0], "config": case[1], "threads": case[2],
        "ours_ms": min(x["ms_low"] for x in ours), "peer_ms": min(x["ms_low"] for x in peers),
        "ratio": median(ratios), "ratio_least": min(ratios), "ratio_most": max(ratios), "ratio_quiet": median(lows),
        "ratio_cpu": median(used),
        "gemm_share": median([x.get("gemm_share", 0) for x in ours]), "probe": median([x["probe"] for x in ours]),
        "cold_s": median([x["cold_s"] for x in ours]), "peer_cold_s": median([x["cold_s"] for x in peers]),
        "cold_ratio": median(colds),
        "rss_mb": median([x["rss_mb"] for x in ours]), "peer_rss_mb": median([x["rss_mb"] for x in peers]),
        "rss_ratio": median([a["rss_mb"] / b["rss_mb"] for a, b in pairs]), "undo_mb": median([x["undo_mb"] for x in ours]),
        "rss_ratio_apart": median([(a["rss_mb"] - a["undo_mb"]) / b["rss_mb"] for a, b in pairs])}


def table(rows):
    print("| size | config | threads | ours ms | peer ms | times as fast (least–most) | quietest windows "
          "| processor time | products' share | cold s, ours / peer | memory MB, ours / peer | ours by theirs | without what undo goes back to |")
    print("|---" * 13 + "|")
    for r in rows:
        print(f"| {r['size']} | {r['config']} | {r['threads']} | {r['ours_ms']:.2f} | {r['peer_ms']:.2f} "
              f"| {r['ratio']:.2f} ({r['ratio_least']:.2f}–{r['ratio_most']:.2f}) | {r['ratio_quiet']:.2f} | {r['ratio_cpu']:.2f} "
              f"| {r['gemm_share']:.2f} | {r['cold_s']:.3f} / {r['peer_cold_s']:.2f} "
              f"| {r['rss_mb']:.0f} / {r['peer_rss_mb']:.0f} | {r['rss_ratio']:.2f} | {r['rss_ratio_apart']:.2f} |")


def contention(ours, peer, cases, ask):
    """A row a case: how many times as long a step takes beside a busy process, ours and theirs."""
    print("| size | config | threads | ours: alone ms, slows by (least–most) | peer: alone ms, slows by (least–most) |")
    print("|---" * 5 + "|")
    for size, config, threads in cases:
        cells = []
        for side, name in zip((ours, peer), sides(config)):
            words, alone, slower = side + ["train", size, name, threads, str(ask.seconds)], [], []
            for _ in range(ask.rounds):
                alone.append(run(words)["ms_med"])
                rival = subprocess.Popen([sys.executable, "-c", "while True: pass"])
                try:
                    slower.append(run(words)["ms_med"] / alone[-1])
                finally:
                    rival.kill()
                    rival.wait()
            cells.append(f"{median(alone):.2f}, {spread(slower)}")
        print(f"| {size} | {config} | {threads} | {' | '.join(cells)} |", flush=True)


def picture(ours, rows, path):
    """How many times as fast, a bar a row."""
    lines = "\n".join(json.dumps({"label": f"{r['size']} {r['config']}, {r['threads']} threads", "times": r["ratio"]})
                      for r in rows)
    subprocess.run(ours + ["picture", path, "times"], input=lines, text=True, check=True)


def main():
    ask = asked(__doc__, sizes="nano,micro,mini,small", configs="full,lora", threads="1,2", wait=0.0, busy=False,
                methods=False, no_agree=False, peer="hf", json="")
    ask.json = ask.json or os.path.join(HERE, "..", "results", f"{'latest' if ask.peer == 'hf' else ask.peer}.json")
    script = ["train_hf.py"] if ask.peer == "hf" else ["train_lean.py", ask.peer]
    ours, peer = [ask.ours], [ask.python, os.path.join(HERE, script[0])] + script[1:]
    sizes, configs = ask.sizes.split(","), METHODS if ask.methods else ask.configs.split(",")
    cases = [(s, c, t) for s in sizes for c in configs for t in ask.threads.split(",")]
    if ask.busy:
        contention(ours, peer, cases, ask)
        return
    agreement = {}
    if not ask.no_agree and not ask.methods:  # Scripts/golden_parity.py compares methods step by step
        for size in sizes:
            for config in configs:
                agreement[f"{size} {config}"] = worst = agree(ours, peer, size, config)
                print(f"{size} {config}: losses of five steps agree within {worst:.1e}", flush=True)
    pairs = {case: [] for case in cases}
    for turn in range(ask.rounds):
        for case in cases:
            size, config, threads = case
            one = [side + ["train", size, name, threads, str(ask.seconds)]
                   for side, name in zip((ours, peer), sides(config))]
            wait_for_quiet(ask.wait)
            mine = run(one[0])
            wait_for_quiet(ask.wait)
            pairs[case].append((mine, run(one[1])))
            a, b = pairs[case][-1]
            print(f"round {turn + 1}: {' '.join(case)}: {a['ms_med']:.2f} and {b['ms_med']:.2f} ms", flush=True)
    rows = [row(case, pairs[case]) for case in cases]
    print()
    table(rows)
    raw = [line for case in cases for pair in pairs[case] for line in pair]
    write(ask.json, {"agreement": agreement, "table": rows, "lines": raw})
    picture(ours, rows, os.path.splitext(ask.json)[0] + ".svg")


if __name__ == "__main__":
    main()
