"""A step of DPO, an iteration of PPO and tokens drawn a second on Hugging Face's GPT-2, as `Benchmarks feedback` has them.

    python feedback_trl.py SIZE THREADS [SECONDS [full]]     one JSON line

The loss of DPO is TRL's own method on the model with TRL's fused head; none of the trainer's loop around it is timed.
TRL 1 has no PPO any more: its 0.23 is followed in formulas (KL from the reference, GAE, whitening, clipped losses, four
updates an iteration), with `generate` and its cache for the answers. LoRA trains, and the reference is the model with it
switched off; with `full` everything trains, and the reference is a second copy.

Needs torch, transformers, peft and trl in the Python that runs it.
"""
import copy
import json
import os
import resource
import sys
import time
from collections import defaultdict
from types import SimpleNamespace

if len(sys.argv) < 3:
    sys.exit(__doc__)
size, threads = sys.argv[1], int(sys.argv[2])
budget = float(sys.argv[3]) if len(sys.argv) > 3 else 2.0
is_whole = sys.argv[-1] == "full"
os.environ["OMP_NUM_THREADS"] = str(threads)
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import warnings

warnings.filterwarnings("ignore")
import peft
import torch
import transformers
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.utils import add_fused_lm_head

from common import SIZES, median

LAYERS, WIDTH, HEADS, VOCABULARY, TIME, ROWS = SIZES[size]
PROMPT, ANSWER, RATE = 8, 24, 1e-4


def built():
    form = transformers.GPT2Config(
        vocab_size=VOCABULARY, n_positions=TIME, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=0, eos_token_id=None, pad_token_id=0)
    model = transformers.GPT2LMHeadModel(form)
    if is_whole:
        return model.train()
    return peft.get_peft_model(model, peft.LoraConfig(
        task_type="CAUSAL_LM", r=8, lora_alpha=16, lora_dropout=0.0, target_modules=["c_attn"],
        fan_in_fan_out=True)).train()


def optimiser(parameters):
    return torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.0, fused=True)


def direct_preference(model, reference, tokens):
    """TRL's DPOTrainer._compute_loss, forward, backward, AdamW."""
    add_fused_lm_head(
        model if is_whole else model.get_base_model(), outputs=("log_probs", "entropy", "mean_logits", "is_top1"))
    if reference is not None:
        add_fused_lm_head(reference)
    accelerator = SimpleNamespace(
        device="cpu", unwrap_model=lambda m: m, gather_for_metrics=lambda x: x, gather=lambda x: x,
        reduce=lambda x, reduction: x, num_processes=1)
    one = SimpleNamespace(
        model=model, ref_model=reference, accelerator=accelerator, aux_loss_enabled=False,
        _metrics={"train": defaultdict(list), "eval": defaultdict(list)}, _total_train_tokens=0, _tp_size=1,
        loss_types=["sigmoid"], loss_weights=[1.0], beta=0.1, label_smoothing=0, ld_alpha=None,
        precompute_ref_logps=False, f_divergence_type="reverse_kl", use_weighting=False,
        args=SimpleNamespace(gradient_checkpointing_kwargs=None))
    mask = torch.ones_like(tokens)
    answers = mask.clone()
    answers[:, :PROMPT] = 0
    inputs = {"input_ids": tokens, "attention_mask": mask, "completion_mask": answers}
    tuner = optimiser([p for p in model.parameters() if p.requires_grad])

    def step():
        loss = DPOTrainer._compute_loss(one, model, inputs, False)
        loss.backward()
        tuner.step()
        tuner.zero_grad(set_to_none=True)

    return step


def log_probabilities(logits, tokens):
    return logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)


def whitened(x):
    return (x - x.mean()) * torch.rsqrt(x.var() + 1e-8)


def proximal(model, reference, tokens):
    """Answers, scores, KL, advantages, four updates."""
    prompts = tokens[:, :PROMPT]
    value = torch.nn.Linear(WIDTH, 1)
    tuner = optimiser([p for p in model.parameters() if p.requires_grad] + list(value.parameters()))
    settings = transformers.GenerationConfig(
        do_sample=True, top_k=0, max_new_tokens=ANSWER, min_new_tokens=ANSWER, pad_token_id=0)

    def rollout():
        model.eval()
        with torch.no_grad():
            whole = model.generate(input_ids=prompts, attention_mask=torch.ones_like(prompts),
                                   generation_config=settings)
        model.train()
        return whole

    def seen(of, whole):
        out = of(input_ids=whole, output_hidden_states=True, use_cache=False)
        return (log_probabilities(out.logits[:, PROMPT - 1:-1], whole[:, PROMPT:]),
                value(out.hidden_states[-1][:, PROMPT - 1:-1]).squeeze(-1))

    def iteration():
        whole = rollout()
        with torch.no_grad():
            old, values = seen(model, whole)
            if is_whole:
                ref = seen(reference, whole)[0]
            else:
                with model.disable_adapter():
                    ref = seen(model, whole)[0]
            rewards = -0.05 * (old - ref)
            rewards[:, -1] += (whole[:, PROMPT:].sum(1) % 97) / 97
            advantages, last = torch.zeros_like(values), 0.0
            for t in reversed(range(ANSWER)):
                after = values[:, t + 1] if t + 1 < ANSWER else 0.0
                last = rewards[:, t] + after - values[:, t] + 0.95 * last
                advantages[:, t] = last
            returns, advantages = advantages + values, whitened(advantages)
        for _ in range(4):
            new, now = seen(model, whole)
            ratio = (new - old).exp()
            policy = torch.max(-advantages * ratio, -advantages * ratio.clamp(0.8, 1.2)).mean()
            near = torch.clamp(now, values - 0.2, values + 0.2)
            worth = 0.5 * torch.max((now - returns) ** 2, (near - returns) ** 2).mean()
            (policy + 0.1 * worth).backward()
            torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
            tuner.step()
            tuner.zero_grad(set_to_none=True)

    return rollout, iteration


def median_ms(step):
    for _ in range(3):
        step()
    samples, end = [], time.perf_counter() + budget
    while len(samples) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        samples.append(time.perf_counter() - start)
    return 1e3 * median(samples)


def main():
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    tokens = torch.randint(0, VOCABULARY, (ROWS, TIME))
    model = built()
    reference = copy.deepcopy(model).eval() if is_whole else None
    rollout, iteration = proximal(model, reference, tokens)
    drawn, whole = median_ms(rollout), median_ms(iteration)
    print(json.dumps({
        "bench": "feedback", "fw": "trl", "size": size, "config": "full" if is_whole else "lora",
        "threads": threads, "ppo_ms": round(whole, 3), "rollout_ms": round(drawn, 3),
        "rollout_tok_s": round(ROWS * ANSWER / drawn * 1e3, 1),
        "dpo_ms": round(median_ms(direct_preference(model, reference, tokens)), 3),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)}))


main()
