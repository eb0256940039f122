"""Alignment, ours and TRL's in turn: a step of DPO, an iteration of PPO, tokens drawn a second, memory.

    python compare_feedback.py [--ours .build/release/Benchmarks] [--sizes nano,mini] [--configs lora,full] [--rounds 3]

`full` trains everything and keeps a second copy of the policy; `lora` has none. A ratio is the peer's time by ours
within one round; the table gives the median, the lowest and the highest.
"""
import os

from common import HERE, asked, median, run, spread, write


def main():
    ask = asked(__doc__, sizes="nano,mini", configs="lora,full", threads="2",
                json=os.path.join(HERE, "..", "results", "feedback.json"))
    ours, peer = [ask.ours, "feedback"], [ask.python, os.path.join(HERE, "feedback_trl.py")]
    cases = [(s, c) for s in ask.sizes.split(",") for c in ask.configs.split(",")]
    pairs = {case: [] for case in cases}
    for turn in range(ask.rounds):
        for size, config in cases:
            words = [size, ask.threads, str(ask.seconds)] + (["full"] if config == "full" else [])
            pairs[size, config].append((run(ours + words), run(peer + words)))
            a, b = pairs[size, config][-1]
            print(f"round {turn + 1}: {size} {config}: DPO {a['dpo_ms']:.2f} and {b['dpo_ms']:.2f} ms, "
                  f"PPO {a['ppo_ms']:.2f} and {b['ppo_ms']:.2f} ms", flush=True)
    print("\n| size | config | DPO step, ms, ours / TRL | times as fast (least–most) | PPO iteration, ms | times as fast "
          "| tokens drawn a second | times | memory, MB |")
    print("|---" * 9 + "|")
    for case in cases:
        found = pairs[case]

        def middle(key):
            return median([a[key] for a, _ in found]), median([b[key] for _, b in found])

        def ratio(key, turned=False):
            return spread([a[key] / b[key] if turned else b[key] / a[key] for a, b in found])

        cells = [f"{a:,.2f} / {b:,.2f}" for a, b in [middle("dpo_ms"), middle("ppo_ms")]]
        drawn, memory = middle("rollout_tok_s"), middle("rss_mb")
        print(f"| {case[0]} | {case[1]} | {cells[0]} | {ratio('dpo_ms')} | {cells[1]} | {ratio('ppo_ms')} "
              f"| {drawn[0]:,.0f} / {drawn[1]:,.0f} | {ratio('rollout_tok_s', True)} | {memory[0]:.0f} / {memory[1]:.0f} |")
    write(ask.json, {"lines": [line for case in cases for pair in pairs[case] for line in pair]})


if __name__ == "__main__":
    main()
