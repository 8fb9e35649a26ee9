"""A small network of frames, from PyTorch to the ONNX contract of hearkit.

    python3 export.py model.onnx
    hear onnx set model.onnx sample_rate=16000 hop_ms=50 min_samples=1 chunking=halo halo_samples=200 \
        chunk_align_samples=800 name="small frames" code_license=Apache-2.0 weights_license=CC0-1.0 \
        source=examples/onnx/export.py
    hear validate ./model.onnx

Needs PyTorch 1.13; PyTorch 2 asks for the package onnx too. The network is untrained: it shows the way, not a result.
"""

import sys

import torch
from torch import nn

SAMPLE_RATE = 16000
HOP = 800  # samples, 50 ms
WINDOW = 400  # samples around the centre of each frame
SIZE = 8


class SmallFrames(nn.Module):
    """audio [n_sounds, n_samples] -> a frame every HOP samples, the first centred on the first sample."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.filters = nn.Conv1d(1, 8, kernel_size=WINDOW, stride=HOP)
        self.project = nn.Linear(8, SIZE)

    def forward(self, audio):
        # With half a window of zeros on both sides there are n_samples // HOP + 1 frames, and frame i sees samples
        # i * HOP - WINDOW / 2 to i * HOP + WINDOW / 2: that is what halo_samples and chunk_align_samples say.
        padded = nn.functional.pad(audio, (WINDOW // 2, WINDOW // 2))
        power = self.filters(padded.unsqueeze(1)) ** 2
        frames = self.project(torch.log(power + 1e-4).transpose(1, 2))
        # The centres in milliseconds, made from a size of the graph, so that they follow the length of the clip.
        count = torch.ones_like(frames[:, :, 0])
        timestamps = (torch.cumsum(count, dim=1) - 1) * (1000 * HOP / SAMPLE_RATE)
        return frames, timestamps


def main(path):
    model = SmallFrames().eval()
    torch.onnx.export(
        model,
        (torch.zeros(2, SAMPLE_RATE),),
        path,
        input_names=["audio"],
        output_names=["timestamp_embeddings", "timestamps"],
        # Without this the model would take two sounds of one second, and nothing else.
        dynamic_axes={
            "audio": {0: "n_sounds", 1: "n_samples"},
            "timestamp_embeddings": {0: "n_sounds", 1: "n_timestamps"},
            "timestamps": {0: "n_sounds", 1: "n_timestamps"},
        },
        opset_version=17,
    )


if __name__ == "__main__":
    main(sys.argv[1])
