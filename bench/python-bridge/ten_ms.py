"""A module of the HEAR API that takes 10 ms per clip. Run as a program, it is timed without a bridge.

    python3 ten_ms.py KIND N_SOUNDS CALLS        prints the milliseconds of each call
"""

import sys
import time

import numpy

SIZE = 1024
HOP = 800


class Model:
    sample_rate = 16000
    scene_embedding_size = SIZE
    timestamp_embedding_size = SIZE


def load_model(model_file_path=""):
    return Model()


def spin(n_sounds):
    end = time.perf_counter() + 0.010 * n_sounds
    while time.perf_counter() < end:
        pass


def get_timestamp_embeddings(audio, model):
    spin(len(audio))
    shape = len(audio), audio.shape[1] // HOP + 1
    return numpy.ones((*shape, SIZE), dtype=numpy.float32), numpy.ones(shape, dtype=numpy.float32)


def get_scene_embeddings(audio, model):
    spin(len(audio))
    return numpy.ones((len(audio), SIZE), dtype=numpy.float32)


if __name__ == "__main__":
    kind, n_sounds, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    function = get_timestamp_embeddings if kind == "timestamps" else get_scene_embeddings
    audio = numpy.zeros((n_sounds, Model.sample_rate), dtype=numpy.float32)
    for _ in range(calls):
        start = time.perf_counter()
        function(audio, None)
        print(1000 * (time.perf_counter() - start))
