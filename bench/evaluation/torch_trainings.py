"""The peer of evaluation.mjs: the same trainings for the same epochs, as a plain PyTorch loop with 2 threads.

Reads the recorded embeddings, trains each probe, validates every few epochs (forward pass only, no scoring), tests.
"""

import json
import sys

import numpy as np
import torch
from torch import nn

folder, plan = sys.argv[1], json.loads(sys.argv[2])
torch.set_num_threads(2)
torch.manual_seed(0)
metadata = json.load(open(f"{folder}/task_metadata.json"))
multilabel = metadata["prediction_type"] == "multilabel"
with open(f"{folder}/labelvocabulary.csv") as lines:
    vocabulary = [line.strip().split(",", 1)[1] for line in list(lines)[1:] if line.strip()]
index = {label: i for i, label in enumerate(vocabulary)}


def read(split):
    labels = json.load(open(f"{folder}/{split}.labels.json"))
    if multilabel:
        targets = torch.zeros(len(labels), len(vocabulary))
        for row, names in enumerate(labels):
            for name in names:
                targets[row, index[str(name)]] = 1
    else:
        targets = torch.tensor([index[str(names[0])] for names in labels])
    return torch.from_numpy(np.load(f"{folder}/{split}.embeddings.npy")), targets


splits = {split: read(split) for split in metadata["splits"]}
loss_of = nn.BCEWithLogitsLoss() if multilabel else nn.CrossEntropyLoss()
for training in plan:
    rows = torch.cat([splits[name][0] for name in training["train"]])
    targets = torch.cat([splits[name][1] for name in training["train"]])
    modules, size = [], rows.shape[1]
    for _ in range(training["hidden_layers"]):
        modules += [nn.Linear(size, 1024), nn.BatchNorm1d(1024), nn.Dropout(0.1), nn.ReLU()]
        size = 1024
    model = nn.Sequential(*modules, nn.Linear(size, len(vocabulary)))
    optimiser = torch.optim.Adam(model.parameters(), lr=training["lr"])
    for epoch in range(training["epochs"]):
        model.train()
        for start in range(0, len(rows), 1024):
            optimiser.zero_grad(set_to_none=True)
            loss_of(model(rows[start : start + 1024]), targets[start : start + 1024]).backward()
            optimiser.step()
        if (epoch + 1) % training["every"] == 0:
            model.eval()
            with torch.no_grad():
                model(splits[training["valid"]][0])
    model.eval()
    with torch.no_grad():
        model(splits[training["test"]][0])
