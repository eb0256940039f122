"""Shows that the adapters library opens what Graft writes, and writes what Graft's tests open.

    python3 -m pip install torch "transformers~=4.57" adapters==1.3.0 safetensors   # adapters needs transformers 4
    python3 Scripts/adapters_parity.py            # Graft writes, Python opens: prints the differences of logits
    python3 Scripts/adapters_parity.py golden     # Python writes Tests/FormatsTests/Golden/adapters

Not part of CI, which has no Python; the golden files are committed and read by AdaptersLibraryTests.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

import adapters
import torch
from adapters import BnConfig, DoubleSeqBnConfig, ParBnConfig, SeqBnConfig
from safetensors.torch import load_file, save_file
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    GPT2Config,
    GPT2LMHeadModel,
    ViTConfig,
    ViTForImageClassification,
)

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
GOLDEN = os.path.join(ROOT, "Tests", "FormatsTests", "Golden", "adapters")
CLASSES = {"gpt2": GPT2LMHeadModel, "bert": BertForSequenceClassification, "vit": ViTForImageClassification}
TOLERANCE = 1e-4


def logits(model, ids):
    """Logits of rows of ids, or of two pictures that a formula draws."""
    with torch.no_grad():
        if isinstance(model, ViTForImageClassification):
            pixels = torch.sin(torch.arange(2 * 64, dtype=torch.float32) * 0.37).reshape(2, 1, 8, 8)
            return model(pixel_values=pixels).logits.float()
        ids = torch.tensor(ids)
        mask = torch.ones_like(ids)
        return model(input_ids=ids, attention_mask=mask).logits.float()


def randomise(model, deviation):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                isNorm = any(word in name for word in (".ln_", "LayerNorm", "layernorm"))
                shift = 1.0 if isNorm and name.endswith("weight") else 0.0
                parameter.copy_(torch.randn(parameter.shape) * deviation + shift)


def base(kind):
    if kind == "gpt2":
        return GPT2LMHeadModel(
            GPT2Config(n_embd=16, n_layer=2, n_head=2, vocab_size=40, n_positions=16, bos_token_id=0, eos_token_id=0)
        )
    if kind == "vit":
        return ViTForImageClassification(
            ViTConfig(
                hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, image_size=8,
                patch_size=4, num_channels=1, num_labels=3,
            )
        )
    return BertForSequenceClassification(
        BertConfig(
            hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, vocab_size=40,
            max_position_embeddings=16, num_labels=3,
        )
    )


CONFIGS = {
    "houlsby": DoubleSeqBnConfig(reduction_factor=4),
    "pfeiffer": SeqBnConfig(reduction_factor=3.2, leave_out=[0]),
    "parallel": ParBnConfig(),
    "tanh": BnConfig(
        mh_adapter=True, output_adapter=False, reduction_factor=8, non_linearity="tanh", scaling=0.5
    ),
}


def write_golden():
    shutil.rmtree(GOLDEN, ignore_errors=True)
    results = {}
    torch.manual_seed(11)
    ids = torch.randint(1, 40, (2, 9)).tolist()
    for kind, cls in CLASSES.items():
        model = base(kind).eval()
        randomise(model, 0.3)
        folder = os.path.join(GOLDEN, kind)
        model.save_pretrained(folder)
        results[kind] = logits(model, ids)
        for name, config in CONFIGS.items():
            model = cls.from_pretrained(folder)
            adapters.init(model)
            model.add_adapter(name, config=config)
            model.train_adapter(name)
            for parameter_name, parameter in model.named_parameters():  # the head stays the base's: it is not saved
                parameter.requires_grad_(parameter.requires_grad and f".{name}." in parameter_name)
            randomise(model, 0.4)
            model.eval()
            results[f"{kind}-{name}"] = logits(model, ids)
            path = os.path.join(GOLDEN, f"{kind}-{name}")
            model.save_adapter(path, name, with_head=False, use_safetensors=True)
            config_path = os.path.join(path, "adapter_config.json")
            saved = json.load(open(config_path))
            saved["model_name"] = None  # otherwise a path of this machine
            with open(config_path, "w") as file:
                file.write(json.dumps(saved, indent=2, sort_keys=True))
    save_file({k: v.contiguous() for k, v in results.items()}, os.path.join(GOLDEN, "logits.safetensors"))
    with open(os.path.join(GOLDEN, "ids.json"), "w") as file:
        json.dump(ids, file)
    print("wrote", GOLDEN)


def compare(folder):
    """Opens everything in the folder and compares logits with Graft's."""
    record = json.load(open(os.path.join(folder, "record.json")))
    expected = load_file(os.path.join(folder, "logits.safetensors"))
    worst = 0
    print(f"{'folder':20} {'against Graft':>14} {'against base':>14}")
    for name in sorted(expected):
        kind = name.split("-")[0]
        plain = CLASSES[kind].from_pretrained(os.path.join(folder, kind)).eval()
        start = logits(plain, record["ids"])
        got = start
        if name != kind:
            adapters.init(plain)
            info = {}
            loaded = plain.load_adapter(
                os.path.join(folder, name),
                with_head=os.path.exists(os.path.join(folder, name, "model_head.safetensors")),
                use_safetensors=True,
                loading_info=info,
            )
            assert not info.get("missing_keys") and not info.get("unexpected_keys"), (name, info)
            plain.set_active_adapters(loaded)
            got = logits(plain.eval(), record["ids"])
        difference = (got - expected[name]).abs().max().item()
        effect = (got - start).abs().max().item()
        assert name == kind or effect > 0.01, (name, "changes nothing")
        worst = max(worst, difference)
        print(f"{name:20} {difference:14.2e} {effect:14.2e}")
    assert worst < TOLERANCE, worst
    print(f"largest difference {worst:.2e}, allowed {TOLERANCE}")


def main():
    if sys.argv[1:] == ["golden"]:
        return write_golden()
    if len(sys.argv) == 3 and sys.argv[1] == "open":
        return compare(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            ["swift", "test", "--filter", "FormatsTests.AdaptersLibraryTests/writesForPython"],
            cwd=ROOT,
            env={**os.environ, "GRAFT_ADAPTERS_DIR": folder},
            capture_output=True,
            text=True,
        )
        if run.returncode != 0 or not os.path.exists(os.path.join(folder, "record.json")):
            sys.exit("the Swift side failed:\n" + run.stdout[-4000:] + run.stderr[-4000:])
        compare(folder)


main()
