"""HEAR's naive baseline for PyTorch, as a module of the HEAR API in Python.

    hear run --model py:hear_naive_torch --tasks DIR        (in this folder, or with it on PYTHONPATH)
    hear run --model py:hear_naive_torch --weights naive.pt --tasks DIR

Frames of 4096 samples at 44.1 kHz, 256 log-mel bands, times a fixed random matrix. Without weights that matrix is drawn
from the seed 0, which gives the published baseline. `python3 hear_naive_torch.py naive.pt` writes it to a file.
"""

import sys

import numpy
import torch

SAMPLE_RATE = 44100
FRAME = 4096
BANDS = 256
SIZE = 4096
TIMESTAMP_HOP_MS = 50
SCENE_HOP_MS = 250
# Keeps log away from zero.
FLOOR = 1e-4
# Frames at once: what a batch of minutes needs stays in the cache, not in gigabytes.
BLOCK = 512


def mel_to_hz(mel):
    """Slaney's scale: 200 / 3 Hz a mel up to 1 kHz, from there on a factor of 6.4 in 27 mels."""
    return numpy.where(mel < 15, mel * (200 / 3), 1000 * 6.4 ** ((mel - 15) / 27))


def mel_filters():
    """[BANDS, FRAME // 2 + 1]: triangles between neighbouring edges, each of area 1 over Hz."""
    top = 15 + 27 * numpy.log(SAMPLE_RATE / 2 / 1000) / numpy.log(6.4)
    edges = mel_to_hz(numpy.linspace(0, top, BANDS + 2))
    lower, centre, upper = (edges[i : BANDS + i, None] for i in range(3))
    bins = numpy.linspace(0, SAMPLE_RATE / 2, FRAME // 2 + 1)
    rise = (bins - lower) / (centre - lower)
    fall = (upper - bins) / (upper - centre)
    triangles = numpy.clip(numpy.minimum(rise, fall), 0, None) * 2 / (upper - lower)
    return torch.from_numpy(triangles.astype(numpy.float32))


class NaiveBaseline(torch.nn.Module):
    sample_rate = SAMPLE_RATE
    scene_embedding_size = SIZE
    timestamp_embedding_size = SIZE

    def __init__(self):
        super().__init__()
        drawn = torch.rand((BANDS, SIZE), generator=torch.Generator().manual_seed(0))
        self.register_buffer("projection", drawn / BANDS**0.5)
        self.register_buffer("filters", mel_filters(), persistent=False)
        self.register_buffer("window", torch.hann_window(FRAME), persistent=False)

    def forward(self, audio, hop_ms):
        """audio [n_sounds, n_samples] -> [n_sounds, n_frames, SIZE], frame i centred at i * hop_ms."""
        padded = torch.nn.functional.pad(audio, (FRAME // 2, FRAME // 2))
        hop = hop_ms / 1000 * SAMPLE_RATE
        starts = [0]
        while round(len(starts) * hop) <= audio.shape[1]:
            starts.append(round(len(starts) * hop))
        starts = torch.tensor(starts, device=audio.device)
        windows = padded.unfold(1, FRAME, 1)
        rows = []
        for sound in windows:
            for block in starts.split(BLOCK):
                power = torch.fft.rfft(sound[block] * self.window).abs() ** 2
                rows.append(torch.log(power @ self.filters.T + FLOOR) @ self.projection)
        return torch.cat(rows).reshape(len(audio), len(starts), SIZE)


def load_model(model_file_path=""):
    model = NaiveBaseline()
    if model_file_path != "":
        model.load_state_dict(torch.load(model_file_path, map_location="cpu"))
    return model.eval()


def get_timestamp_embeddings(audio, model):
    embeddings = model(audio, TIMESTAMP_HOP_MS)
    timestamps = torch.arange(embeddings.shape[1], device=audio.device) * float(TIMESTAMP_HOP_MS)
    return embeddings, timestamps.expand(len(audio), -1)


def get_scene_embeddings(audio, model):
    return model(audio, SCENE_HOP_MS).mean(dim=1)


if __name__ == "__main__":
    torch.save(NaiveBaseline().state_dict(), sys.argv[1])
