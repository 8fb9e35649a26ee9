"""The peer of probe-speed.mjs: a plain PyTorch training loop of HEAR's probe, 2 threads, ms per step on stdout."""

import json
import sys
import time

import torch
from torch import nn

THREADS, BATCH, HIDDEN = 2, 1024, 1024
config = json.loads(sys.argv[1])
torch.set_num_threads(THREADS)
torch.manual_seed(0)

modules, size = [], config["inputSize"]
for _ in range(config["hiddenLayers"]):
    modules += [nn.Linear(size, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.Dropout(0.1), nn.ReLU()]
    size = HIDDEN
model = nn.Sequential(*modules, nn.Linear(size, config["outputs"]))
optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
rows = torch.randn(2 * BATCH, config["inputSize"])
if config["predictionType"] == "multilabel":
    targets = (torch.rand(2 * BATCH, config["outputs"]) < 0.2).float()
    loss_of = nn.BCEWithLogitsLoss()
else:
    targets = torch.randint(0, config["outputs"], (2 * BATCH,))
    loss_of = nn.CrossEntropyLoss()


def step(i):
    batch = slice((i % 2) * BATCH, (i % 2 + 1) * BATCH)
    optimiser.zero_grad(set_to_none=True)
    loss_of(model(rows[batch]), targets[batch]).backward()
    optimiser.step()


for i in range(2):
    step(i)
times = []
for i in range(config["steps"]):
    begin = time.perf_counter()
    step(i)
    times.append((time.perf_counter() - begin) * 1000)
print(sorted(times)[len(times) // 2])
