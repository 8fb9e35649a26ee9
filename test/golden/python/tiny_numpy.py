"""A module of the HEAR API that needs nothing but numpy: energies of 50 ms frames in four bands of the spectrum."""

import numpy

SIZE = 4
HOP_MS = 50
WINDOW = 512


class Model:
    sample_rate = 16000
    scene_embedding_size = SIZE
    timestamp_embedding_size = SIZE

    def __init__(self, gain):
        self.gain = numpy.float32(gain)


def load_model(model_file_path=""):
    if model_file_path == "":
        return Model(1)
    with open(model_file_path) as file:
        return Model(float(file.read()))


def get_timestamp_embeddings(audio, model):
    hop = model.sample_rate * HOP_MS // 1000
    n_frames = audio.shape[1] // hop + 1
    padded = numpy.pad(audio, ((0, 0), (WINDOW // 2, WINDOW // 2)))
    frames = numpy.stack([padded[:, i * hop : i * hop + WINDOW] for i in range(n_frames)], axis=1)
    power = numpy.abs(numpy.fft.rfft(frames * numpy.hanning(WINDOW), axis=2)) ** 2
    bands = power[:, :, 1:].reshape(len(audio), n_frames, SIZE, -1).mean(axis=3)
    timestamps = numpy.tile(numpy.arange(n_frames, dtype=numpy.float32) * HOP_MS, (len(audio), 1))
    return model.gain * numpy.log(bands + 1e-4).astype(numpy.float32), timestamps


def get_scene_embeddings(audio, model):
    return get_timestamp_embeddings(audio, model)[0].mean(axis=1)
