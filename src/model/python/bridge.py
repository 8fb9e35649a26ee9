"""Runs a Python package of the HEAR API for hearkit, which starts this script and talks to it over two pipes.

Requests come in at file descriptor 3, replies go out at 4, one for each. A message is 16 bytes (the letters "hear",
the length of its header as uint32, that of its body as uint64, little endian), a header of JSON, and a body of raw
arrays, little endian, each at a multiple of 8 bytes. The header's "tensors" say type and shape of each array.
Standard output and error are the module's own. Needs Python 3.8 and numpy.
"""

import sys

# The rest is written so that an older Python comes as far as here.
if sys.version_info < (3, 8):
    sys.exit("hearkit needs Python 3.8 or later; this is " + sys.version.split()[0])

import difflib
import faulthandler
import hashlib
import importlib
import json
import os
import pkgutil
import select
import signal
import site
import struct
import sysconfig
import traceback

REQUESTS, REPLIES = 3, 4
PREFIX = struct.Struct("<4sIQ")
MAGIC = b"hear"
ALIGNMENT = 8
LONGEST_TEXT = 20000
# Some systems refuse to read or write 2 GiB at once.
MOST_AT_ONCE = 1 << 24

FUNCTIONS = {"timestamps": "get_timestamp_embeddings", "scenes": "get_scene_embeddings"}
SIZES = ("scene_embedding_size", "timestamp_embedding_size")
DTYPES = {"bool", "bfloat16"} | {
    "%s%d" % (kind, bits) for kind in ("int", "uint", "float") for bits in (8, 16, 32, 64)
} - {"float8"}


class Refused(Exception):
    """The module does not keep to the HEAR API; the text says how, after the name of the function."""


class PipeLost(Exception):
    """There is nobody left to talk to, or the module closed our pipe."""


# The pipes


class Pipe:
    """A file descriptor that is still what it was at the start, or not used at all."""

    def __init__(self, number):
        self.number = number
        self.identity = self._identify()
        # Programs that the module starts have no business with it.
        os.set_inheritable(number, False)

    def _identify(self):
        found = os.fstat(self.number)
        return found.st_dev, found.st_ino

    def check(self):
        """A module may close every file and open its own under our number: never write into that."""
        try:
            if self._identify() == self.identity:
                return
        except OSError:
            pass
        raise PipeLost("the module closed file descriptor %d, which hearkit talks over" % self.number)

    def read(self, n_bytes):
        """Exactly so many bytes, or None where the other side has ended."""
        data = bytearray(n_bytes)
        view = memoryview(data)
        while len(view) > 0:
            self.check()
            n_read = os.readv(self.number, [view[:MOST_AT_ONCE]])
            if n_read == 0:
                return None
            view = view[n_read:]
        return data

    def write(self, *parts):
        """All parts as one, so that the other side wakes up once."""
        views = [memoryview(part).cast("B") for part in parts]
        while views:
            batch, room = [], MOST_AT_ONCE
            for view in views:
                batch.append(view[:room])
                room -= len(batch[-1])
            self.check()
            n_written = os.writev(self.number, batch)
            while views and n_written >= len(views[0]):
                n_written -= len(views.pop(0))
            if n_written > 0:
                views[0] = views[0][n_written:]


def watch(replies):
    """Ends this process, and all of its group, when hearkit is gone, also while a C library holds the interpreter.

    A process of its own does: nobody's child, so that a module which waits for its own never waits for it, and of the
    same group, so that whoever ends that ends it too.
    """
    if not hasattr(os, "fork"):
        return
    leader = os.getpid()
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            wait_for_hang_up(replies, leader)
        os._exit(0)
    os.waitpid(child, 0)


def wait_for_hang_up(replies, leader):
    for number in (0, 1, 2, REQUESTS):
        os.close(number)
    poll = select.poll()
    poll.register(replies.number, 0)
    while not any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll()):
        pass
    if os.getpgrp() == leader:
        os.killpg(0, signal.SIGKILL)


def receive(requests):
    """Header and arrays of the next request, or None at the end."""
    prefix = requests.read(PREFIX.size)
    if prefix is None:
        return None
    magic, n_header, n_body = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise PipeLost("something else was written to file descriptor %d" % requests.number)
    header = requests.read(n_header)
    body = requests.read(n_body)
    if header is None or body is None:
        return None
    return json.loads(header.decode("utf-8")), body


def send(replies, header, arrays):
    """Sends a reply; arrays are pairs of a type's name and a contiguous little-endian numpy array."""
    header = dict(header, tensors=[{"dtype": dtype, "dims": list(array.shape)} for dtype, array in arrays])
    parts = []
    n_body = 0
    for _, array in arrays:
        padding = -array.nbytes % ALIGNMENT
        # A memoryview of nothing cannot be cast to bytes.
        parts += [array.reshape(-1).view("uint8"), bytes(padding)] if array.size > 0 else []
        n_body += array.nbytes + padding
    text = json.dumps(header).encode("utf-8")
    replies.write(PREFIX.pack(MAGIC, len(text), n_body) + text, *parts)


# The module


class Model:
    """A loaded model of a HEAR module, and how audio and embeddings pass between it and numpy."""

    def __init__(self, numpy, module, weights):
        self.numpy = numpy
        self.module = module
        if not callable(getattr(module, "load_model", None)):
            raise Refused("is not there; a module of the HEAR API has load_model(path)")
        self.model = module.load_model() if weights is None else module.load_model(weights)
        self.torch = self.tensorflow = None
        self.device = "cpu"
        torch, tensorflow = (sys.modules.get(name) for name in ("torch", "tensorflow"))
        if hasattr(torch, "nn") and isinstance(self.model, torch.nn.Module):
            self.torch = torch
            self.library = "torch " + str(torch.__version__)
            if torch.cuda.is_available():
                self.device = "cuda"
            self.model.to(self.device)
        elif hasattr(tensorflow, "Module") and is_of_tensorflow(tensorflow, self.model):
            # TensorFlow moves data to its devices by itself.
            self.tensorflow = tensorflow
            self.library = "tensorflow " + str(tensorflow.__version__)
            if tensorflow.config.list_physical_devices("GPU"):
                self.device = "gpu"
        elif torch is not None or tensorflow is not None:
            raise Refused(
                "returned %s; expected a torch.nn.Module or a tensorflow.Module" % type_name(self.model)
            )
        else:
            self.library = "numpy " + numpy.__version__

    def embed(self, kind, audio):
        name = FUNCTIONS[kind]
        function = getattr(self.module, name)
        if self.torch is not None:
            with self.torch.no_grad():
                answer = function(self.torch.from_numpy(audio).to(self.device), self.model)
        elif self.tensorflow is not None:
            answer = function(self.tensorflow.convert_to_tensor(audio), self.model)
        else:
            answer = function(audio, self.model)
        if kind == "scenes":
            return [self.array(answer, "embeddings")]
        if not isinstance(answer, (tuple, list)) or len(answer) != 2:
            raise Refused("returned %s; expected the pair (embeddings, timestamps)" % describe(answer))
        return [self.array(one, what) for one, what in zip(answer, ("embeddings", "timestamps"))]

    def array(self, value, what):
        """Name of the type, and the values as a contiguous little-endian array; bfloat16 as its bits."""
        dtype = None
        if self.torch is not None:
            if not isinstance(value, self.torch.Tensor):
                raise Refused("returned %s as %s; expected a torch.Tensor" % (describe(value), what))
            value = value.detach().cpu()
            if value.dtype == self.torch.bfloat16:
                dtype, value = "bfloat16", value.contiguous().view(self.torch.int16)
            value = value.numpy()
        elif self.tensorflow is not None:
            if not isinstance(value, (self.tensorflow.Tensor, self.tensorflow.Variable)):
                raise Refused("returned %s as %s; expected a tensorflow.Tensor" % (describe(value), what))
            value = value.numpy()
            if value.dtype.name == "bfloat16":
                dtype, value = "bfloat16", value.view("int16")
        elif hasattr(value, "__array__"):
            value = self.numpy.asarray(value)
        else:
            raise Refused("returned %s as %s; expected a numpy.ndarray" % (describe(value), what))
        dtype = dtype or value.dtype.name
        if dtype not in DTYPES:
            raise Refused("returned %s of type %s; expected float32" % (what, dtype))
        shape = value.shape
        value = self.numpy.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
        return dtype, value.reshape(shape)

    def attributes(self):
        found = {"sample_rate": getattr(self.model, "sample_rate", None)}
        found.update((name, getattr(self.model, name, None)) for name in SIZES)
        return {
            name: value if name == "sample_rate" and is_number(self.numpy, value) else plain(value)
            for name, value in found.items()
        }


def is_of_tensorflow(tensorflow, model):
    """Models of Keras were modules of TensorFlow until Keras 3."""
    return isinstance(model, tensorflow.Module) or isinstance(model, tensorflow.keras.Model)


def is_number(numpy, value):
    """The API has sizes as int; a sample rate only has to equal one."""
    return isinstance(value, (float, numpy.integer, numpy.floating)) and float(value).is_integer()


def plain(value):
    """None where there is nothing, an int as itself, anything else in words."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return describe(value)


def type_name(value):
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else kind.__module__ + "." + kind.__qualname__


def describe(value):
    """A value in a few words."""
    if value is None:
        return "None"
    if isinstance(value, (tuple, list)):
        return "a %s of %d" % (type_name(value), len(value))
    if isinstance(value, (bool, int, float, str)) or getattr(value, "shape", None) == ():
        return ("%s %r" % (type_name(value), value))[:100]
    return type_name(value)


# What it is


def facts(model, name):
    import platform

    distribution = distribution_of(name.partition(".")[0])
    return {
        "python": platform.python_version(),
        "executable": sys.executable,
        "library": model.library,
        "device": model.device,
        "functions": {kind: callable(getattr(model.module, one, None)) for kind, one in FUNCTIONS.items()},
        "attributes": {
            one: int(value) if isinstance(value, model.numpy.number) else value
            for one, value in model.attributes().items()
        },
        "version": distribution.version if distribution else None,
        "license": licence_of(distribution) if distribution else None,
        "sourceHash": source_hash(model.module),
    }


def distribution_of(package):
    """The installed distribution that a package came with, which may have another name."""
    from importlib import metadata

    try:
        return metadata.distribution(package)
    except metadata.PackageNotFoundError:
        pass
    for distribution in metadata.distributions():
        if package in (distribution.read_text("top_level.txt") or "").split():
            return distribution
    return None


def licence_of(distribution):
    """The licence as the distribution declares it in one line, or None."""
    declared = distribution.metadata
    for key in ("License-Expression", "License"):
        text = (declared.get(key) or "").strip()
        if text and text != "UNKNOWN" and "\n" not in text and len(text) <= 100:
            return text
    for classifier in declared.get_all("Classifier") or []:
        if classifier.startswith("License :: ") and not classifier.endswith(":: OSI Approved"):
            return classifier.split(" :: ")[-1]
    return None


def source_hash(module):
    """SHA-256 over the Python files of the module's package, and of loaded modules that are not installed ones."""
    package = sys.modules[module.__name__.partition(".")[0]]
    files = {}
    for folder in getattr(package, "__path__", ()):
        for parent, folders, names in os.walk(folder):
            folders[:] = [one for one in folders if one != "__pycache__" and not one.startswith(".")]
            for name in names:
                if name.endswith(".py"):
                    path = os.path.join(parent, name)
                    files["/" + os.path.relpath(path, folder).replace(os.sep, "/")] = path
    installed = list(sysconfig.get_paths().values()) + site.getsitepackages() + [site.getusersitepackages()]
    installed = tuple(form(folder) + os.sep for folder in installed for form in (os.path.abspath, os.path.realpath))
    for name, loaded in list(sys.modules.items()):
        path = getattr(loaded, "__file__", None)
        if name == "__main__" or not isinstance(path, str) or not path.endswith(".py"):
            continue
        places = (os.path.abspath(path), os.path.realpath(path))
        if loaded is module or not any(place.startswith(installed) for place in places):
            files[name] = path
    digest = hashlib.sha256()
    for name in sorted(files):
        with open(files[name], "rb") as file:
            content = hashlib.sha256(file.read()).hexdigest()
        digest.update(("%s\n%s\n" % (name, content)).encode("utf-8"))
    return digest.hexdigest()


# What went wrong


def failure(stage, error, module=None):
    """An exception as data; of its traceback only what is not ours or the import machinery's."""
    message = str(error)
    found = {
        "stage": stage,
        "type": type_name(error),
        "message": message[:LONGEST_TEXT],
        "traceback": "" if isinstance(error, Refused) else traceback_of(error)[-LONGEST_TEXT:],
        "refused": isinstance(error, Refused),
        "executable": sys.executable,
        "outOfMemory": isinstance(error, MemoryError)
        or "out of memory" in message.lower()
        or "can't allocate memory" in message,
    }
    if isinstance(error, ModuleNotFoundError):
        found["missing"] = error.name
        if module is not None and error.name and (module + ".").startswith(error.name + "."):
            found["nearest"] = nearest_module(error.name)
    return found


def traceback_of(error):
    """Where it came from; for a chain of exceptions, and for a syntax error, also what they say."""
    shown = traceback.TracebackException(type(error), error, error.__traceback__)
    alone = shown.__cause__ is None and shown.__context__ is None
    chain = [shown]
    while chain:
        one = chain.pop()
        one.stack[:] = [frame for frame in one.stack if not is_plumbing(frame.filename)]
        chain += [other for other in (one.__cause__, one.__context__) if other is not None]
    if not alone:
        return "".join(shown.format())
    lines = list(shown.stack.format())
    return "".join(lines + list(shown.format_exception_only() if isinstance(error, SyntaxError) else []))


def is_plumbing(path):
    return path in (__file__, importlib.__file__) or path.startswith("<frozen importlib")


def nearest_module(missing):
    parent, _, name = missing.rpartition(".")
    folders = getattr(sys.modules.get(parent), "__path__", None) if parent else None
    known = [one.name for one in pkgutil.iter_modules(folders)]
    close = difflib.get_close_matches(name, known, 1, cutoff=0.75)
    return (parent + "." if parent else "") + close[0] if close else None


# Requests


class Bridge:
    def __init__(self):
        self.model = None

    def answer(self, header, body):
        """Header of the reply and its arrays."""
        wanted = header["do"]
        if wanted == "load":
            return self.load(header["module"], header["weights"])
        try:
            (tensor,) = header["tensors"]
            audio = self.model.numpy.frombuffer(body, dtype="<f4").reshape(tensor["dims"])
            return {"ok": {}}, self.model.embed(wanted, audio)
        except BaseException as error:
            return {"failed": failure(wanted, error)}, ()

    def load(self, name, weights):
        try:
            import numpy
        except BaseException as error:
            return {"failed": failure("numpy", error)}, ()
        try:
            module = importlib.import_module(name)
        except BaseException as error:
            return {"failed": failure("import", error, name)}, ()
        try:
            self.model = Model(numpy, module, weights)
            return {"ok": facts(self.model, name)}, ()
        except BaseException as error:
            return {"failed": failure("load", error)}, ()


def main():
    requests, replies = Pipe(REQUESTS), Pipe(REPLIES)
    watch(replies)
    faulthandler.enable(all_threads=False)
    # As python -m does: the current folder in place of that of this script.
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.getcwd()
    bridge = Bridge()
    while True:
        try:
            received = receive(requests)
            if received is None:
                return
            header, arrays = bridge.answer(*received)
            del received
            send(replies, header, arrays)
            del arrays
        except (PipeLost, BrokenPipeError) as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
