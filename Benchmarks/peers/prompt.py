"""How long after its start `graft` stands at its prompt on a terminal, beside Python at its own with torch imported.

    python prompt.py [--ours .build/release/graft] [--python PYTHON] [--rounds 11]     one JSON line
"""
import json
import os
import pty
import time

from common import HERE, asked, median


def until(words, wanted):
    """Seconds from the start of a program on a terminal until it has written some bytes."""
    start = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm"
        os.execvp(words[0], words)
    seen = b""
    while wanted not in seen:
        part = os.read(terminal, 65536)
        seen += part
    took = time.perf_counter() - start
    os.kill(child, 9)
    os.waitpid(child, 0)
    os.close(terminal)
    return took


def main():
    ask = asked(__doc__, rounds=11)
    graft = os.path.join(os.path.dirname(ask.ours), "graft")
    line = {"bench": "prompt", "graft_ms": round(1e3 * median([until([graft], b"graft[1]") for _ in range(ask.rounds)]), 2)}
    words = [ask.python, "-c", "import torch; print('rea' + 'dy', flush=True); input()"]
    line["import_torch_ms"] = round(1e3 * median([until(words, b"ready") for _ in range(3)]), 1)
    print(json.dumps(line))


if __name__ == "__main__":
    main()
