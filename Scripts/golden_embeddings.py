"""Writes Tests/FormatsTests/Golden/encoders/embeddings.json: texts as vectors, the mean of the last states over a text's
tokens at length 1, of the tiny BERT there and, where its folder is named, of MiniLM.

    pip install torch transformers             (written with torch 2.15, transformers 5.24)
    python Scripts/golden_embeddings.py [FOLDER OF all-MiniLM-L6-v2]
"""
import json
import pathlib
import sys

import torch
from transformers import AutoModel, AutoTokenizer, BertModel

FOLDER = pathlib.Path(__file__).parent.parent / "Tests/FormatsTests/Golden/encoders"
IDS = [[3, 14, 15, 9, 26, 5, 3], [27, 18, 28, 1, 8], [4, 2]]
TEXTS = ["a cat sleeps on the mat", "a kitten takes a nap", "Stocks fell sharply today, by 3.5 %!"]


def pooled(model, ids, mask):
    with torch.no_grad():
        states = model(input_ids=ids, attention_mask=mask).last_hidden_state
    weights = mask.unsqueeze(-1).to(states.dtype)
    return torch.nn.functional.normalize((states * weights).sum(1) / weights.sum(1), dim=-1)


def rows(t):
    return [[float(f"{x:.9g}") for x in row] for row in t.tolist()]


longest = max(map(len, IDS))
ids = torch.tensor([row + [0] * (longest - len(row)) for row in IDS])
mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in IDS])
found = {"ids": IDS, "vectors": rows(pooled(BertModel.from_pretrained(FOLDER / "bert").double().eval(), ids, mask))}
file = FOLDER / "embeddings.json"
if len(sys.argv) > 1:
    batch = AutoTokenizer.from_pretrained(sys.argv[1])(TEXTS, padding=True, return_tensors="pt")
    vectors = pooled(AutoModel.from_pretrained(sys.argv[1]).eval(), batch["input_ids"], batch["attention_mask"])
    found["minilm"] = {"texts": TEXTS, "cosines": rows(vectors @ vectors.T), "starts": rows(vectors[:, :6])}
elif file.exists():
    found["minilm"] = json.loads(file.read_text())["minilm"]
file.write_text(json.dumps(found, indent=1) + "\n")
