"""Writes what transformers computes with the vision transformer that `get vit` made, for FormatsTests' RealVisionTests.

    graft> get vit
    python Scripts/vit_parity.py ~/.local/share/graft/models/vit OUT.safetensors [vit_s_focus.onnx]
    GRAFT_TEST_VIT=FOLDER,OUT.safetensors swift test --filter RealVisionTests

With the package's own ONNX file, onnxruntime's states of the same picture are written beside them.
Needs: pip install numpy torch transformers safetensors, and onnx and onnxruntime for the file
"""
import copy
import sys

import numpy as np
import torch
from safetensors.numpy import save_file
from transformers import Dinov2Model


def picture(side):
    """Circles and slopes in three colours, as numbers of ImageNet's mean and deviation."""
    y, x = np.meshgrid(np.linspace(0, 1, side), np.linspace(0, 1, side), indexing="ij")
    far = np.sqrt((x - 0.4) ** 2 + (y - 0.55) ** 2)
    colours = np.stack([x, (far < 0.3) * 0.8 + 0.1, 0.5 + 0.5 * np.sin(20 * far)])
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    return ((colours - mean[:, None, None]) / deviation[:, None, None]).astype(np.float32)[None]


def onnx_states(path, pixels):
    import onnx
    import onnxruntime
    model = onnx.load(path)
    last = "/backbone/layernorm/Add_1_output_0"
    model.graph.output.append(onnx.helper.make_tensor_value_info(last, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run([last], {model.graph.input[0].name: pixels})[0]


def main():
    folder, out = sys.argv[1:3]
    model, facts = Dinov2Model.from_pretrained(folder, output_loading_info=True)
    assert not facts["missing_keys"] and not facts["unexpected_keys"], facts
    plain, exact, tensors = model.eval(), copy.deepcopy(model).double().eval(), {}
    for side in (56, 224, 518):
        pixels = picture(side)
        with torch.no_grad():
            # In 64 bits: what 32 bits round away is then seen of each side by itself.
            states = exact(torch.from_numpy(pixels).double()).last_hidden_state.numpy().astype(np.float32)
            rounded = plain(torch.from_numpy(pixels)).last_hidden_state.numpy()
        print(f"{side}: transformers in 32 bits differs from itself in 64 by {np.abs(rounded - states).max():.2e}")
        tensors[f"pixels.{side}"], tensors[f"transformers.{side}"] = pixels, states
    if len(sys.argv) > 3:
        # The file reads pictures of 224×224.
        tensors["onnx.224"] = onnx_states(sys.argv[3], tensors["pixels.224"])
        print("onnx and transformers differ by", np.abs(tensors["onnx.224"] - tensors["transformers.224"]).max())
    save_file(tensors, out)
    print({name: numbers.shape for name, numbers in tensors.items()})


main()
