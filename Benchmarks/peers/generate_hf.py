"""Greedy generation with cached keys and values by transformers' `generate`, one row, as `Benchmarks generate` has it.

    python generate_hf.py FOLDER THREADS COUNT [SECONDS]     one JSON line

FOLDER is a model as transformers saves it (`Benchmarks generate SIZE THREADS SECONDS FOLDER` writes one), or a GGUF
file. Needs torch and transformers (and gguf).
"""
import json
import os
import resource
import sys
import time

if len(sys.argv) < 4:
    sys.exit(__doc__)
folder, threads, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
budget = float(sys.argv[4]) if len(sys.argv) > 4 else 2.0
os.environ["OMP_NUM_THREADS"] = str(threads)
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import warnings

warnings.filterwarnings("ignore")
import torch
import transformers
from common import median

torch.set_num_threads(threads)
if folder.endswith(".gguf"):
    home, file = os.path.split(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(home, gguf_file=file, dtype=torch.float32)
else:
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
model.eval()
start = torch.tensor([[(i * 37 + 11) % model.config.vocab_size for i in range(8)]])
settings = transformers.GenerationConfig(
    do_sample=False, max_new_tokens=count, min_new_tokens=count, pad_token_id=0, eos_token_id=None)


def generate():
    with torch.no_grad():
        return model.generate(input_ids=start, attention_mask=torch.ones_like(start), generation_config=settings)


made = generate()[0, 8:].tolist()
samples, end = [], time.perf_counter() + budget
while len(samples) < 3 or time.perf_counter() < end:
    begun = time.perf_counter()
    generate()
    samples.append(time.perf_counter() - begun)
print(json.dumps({
    "bench": "generate", "fw": "hf", "size": os.path.basename(folder), "threads": threads, "made": len(made),
    "tok_s": round(len(made) / median(samples), 1),
    "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    "tokens": " ".join(map(str, made))}))
