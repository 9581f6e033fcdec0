"""Finding espeak-ng: the system's shared library, or the one that the `espeakng-loader` package carries."""

from __future__ import annotations

import ctypes
import os

import espeakng_loader

SYSTEM_NAME = "libespeak-ng.so.1"


def load_bundled() -> str:
    """Load the carried library into this process and point espeak-ng at its data; returns the library's path.

    On Linux a later `dlopen("libespeak-ng.so.1")`, which is what pyttsx3 does, then finds it by its soname. Elsewhere
    names are not matched that way, so the loader that pyttsx3 asks is taught the name; call this only in a process
    that does nothing else. Raises OSError when the package carries no library for this machine.
    """
    path = str(espeakng_loader.get_library_path())
    os.environ["ESPEAK_DATA_PATH"] = str(espeakng_loader.get_data_path())
    library = ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)
    try:
        ctypes.CDLL(SYSTEM_NAME)
    except OSError:
        load = ctypes.cdll.LoadLibrary
        ctypes.cdll.LoadLibrary = lambda name: library if name == SYSTEM_NAME else load(name)  # type: ignore[method-assign]
    return path
