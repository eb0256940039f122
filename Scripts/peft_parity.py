"""Shows that Python's peft and transformers open what Graft writes, and writes what Graft's tests open.

    python3 -m pip install torch transformers peft safetensors
    python3 Scripts/peft_parity.py            # Graft writes, Python opens: prints the differences of logits
    python3 Scripts/peft_parity.py golden     # Python writes Tests/FormatsTests/Golden/parity

Not part of CI, which has no Python; the golden files are committed and read by PeftParityTests.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings

import torch
from peft import IA3Config, LNTuningConfig, LoraConfig, PeftModel, PromptTuningConfig, get_peft_model
from peft import get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2Config, GPT2LMHeadModel

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
GOLDEN = os.path.join(ROOT, "Tests", "FormatsTests", "Golden", "parity")
TOLERANCE = 1e-4


def logits(model, ids):
    """The logits of the batch's own positions: without those of virtual tokens."""
    with torch.no_grad():
        ids = torch.tensor(ids)
        out = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    return out[:, -ids.shape[1] :].float()


def open_base(folder, **options):
    model, info = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True, **options)
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        assert not info.get(kind), (folder, kind, info[kind])
    return model.eval()


def open_adapter(base, folder):
    """The base with the adapter; a key without a place is an error here, though to peft it is a warning."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*missing adapter keys.*")
        model = PeftModel.from_pretrained(base, folder).eval()
    file = set(load_file(os.path.join(folder, "adapter_model.safetensors")))
    # For lm_head peft would save the base's own weight too; Graft does not.
    live = {key for key in get_peft_model_state_dict(model) if not key.endswith("base_layer.weight")}
    assert live == file, (folder, live ^ file)
    return model


def compare(folder):
    """Opens everything in the folder and compares logits with Graft's."""
    record = json.load(open(os.path.join(folder, "record.json")))
    expected = load_file(os.path.join(folder, "logits.safetensors"))
    base = logits(open_base(os.path.join(folder, "base")), record["ids"])
    worst = 0
    print(f"{'folder':20} {'against Graft':>14} {'against base':>14}")
    for name in sorted(expected):
        path = os.path.join(folder, name)
        if os.path.exists(os.path.join(path, "adapter_config.json")):
            model = open_adapter(open_base(os.path.join(folder, "base")), path)
        else:
            model = open_base(path, dtype=torch.float32)
        got = logits(model, record["ids"])
        difference = (got - expected[name]).abs().max().item()
        effect = (got - base).abs().max().item()
        assert name == "base" or effect > 0.01, (name, "changes nothing")
        worst = max(worst, difference)
        print(f"{name:20} {difference:14.2e} {effect:14.2e}")
    assert open_base(os.path.join(folder, "base-bf16"), dtype="auto").dtype == torch.bfloat16
    tokenizer = AutoTokenizer.from_pretrained(os.path.join(folder, "base"))
    ids = tokenizer(record["text"])["input_ids"]
    assert ids == record["text_ids"], (ids, record["text_ids"])
    assert tokenizer.decode(ids) == record["text"]
    assert tokenizer.eos_token == "<|endoftext|>", tokenizer.eos_token
    print(f"tokenizer: {len(ids)} ids equal; eos {tokenizer.eos_token_id}")
    assert worst < TOLERANCE, worst
    print(f"largest difference {worst:.2e}, allowed {TOLERANCE}")


def randomise(model, deviation):
    """Numbers that make every place in the file matter; trained ones would be as good."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                shift = 1.0 if "ln_" in name and name.endswith("weight") else 0.0
                parameter.copy_(torch.randn(parameter.shape) * deviation + shift)


def lora(**options):
    return LoraConfig(r=4, lora_alpha=6, task_type="CAUSAL_LM", **options)


def write_golden():
    shutil.rmtree(GOLDEN, ignore_errors=True)
    os.makedirs(GOLDEN)
    torch.manual_seed(3)
    config = GPT2Config(
        n_embd=16, n_layer=2, n_head=2, vocab_size=40, n_positions=16, bos_token_id=0, eos_token_id=0
    )
    base = GPT2LMHeadModel(config).eval()
    randomise(base, 0.3)
    ids = torch.randint(0, 40, (2, 9)).tolist()
    folder = os.path.join(GOLDEN, "base")
    base.save_pretrained(folder)
    results = {"base": logits(base, ids)}
    methods = {
        "lora": LoraConfig(r=4, lora_alpha=6, target_modules=["c_attn"], task_type="CAUSAL_LM"),
        "prompt": PromptTuningConfig(num_virtual_tokens=3, task_type="CAUSAL_LM"),
        "lora-patterns": lora(
            target_modules=["c_attn", "c_fc", "mlp.c_proj"],
            rank_pattern={"h.1.attn.c_attn": 2, "c_fc": 5},
            alpha_pattern={"c_fc": 3},
        ),
        "lora-bias-all": lora(bias="all"),
        "lora-bias-only": lora(bias="lora_only", target_modules=["c_fc"], layers_to_transform=[1]),
        "lora-tables": lora(target_modules=["wte", "wpe", "attn.c_proj"]),
        "rslora": lora(use_rslora=True),
        "dora": lora(use_dora=True, target_modules=["c_attn", "c_fc"]),
        "pissa": lora(init_lora_weights="pissa"),
        "ia3": IA3Config(task_type="CAUSAL_LM"),
        "norms": LNTuningConfig(task_type="CAUSAL_LM"),
    }
    for name, method in methods.items():
        model = get_peft_model(open_base(folder), method).eval()
        randomise(model, 0.4)
        results[name] = logits(model, ids)
        model.save_pretrained(os.path.join(GOLDEN, name))
        os.remove(os.path.join(GOLDEN, name, "README.md"))
        path = os.path.join(GOLDEN, name, "adapter_config.json")
        saved = json.load(open(path))
        saved["base_model_name_or_path"] = None  # otherwise a path of this machine
        with open(path, "w") as file:
            file.write(json.dumps(saved, indent=2, sort_keys=True))
    save_file({k: v.contiguous() for k, v in results.items()}, os.path.join(GOLDEN, "logits.safetensors"))
    with open(os.path.join(GOLDEN, "ids.json"), "w") as file:
        json.dump(ids, file)
    print("wrote", GOLDEN)


def main():
    if sys.argv[1:] == ["golden"]:
        return write_golden()
    with tempfile.TemporaryDirectory() as folder:
        test = "FormatsTests.PeftParityTests/writesForPython"
        run = subprocess.run(
            ["swift", "test", "--filter", test],
            cwd=ROOT,
            env={**os.environ, "GRAFT_PARITY_DIR": folder},
            capture_output=True,
            text=True,
        )
        if run.returncode != 0 or not os.path.exists(os.path.join(folder, "record.json")):
            sys.exit("the Swift side failed:\n" + run.stdout[-4000:] + run.stderr[-4000:])
        compare(folder)


main()
