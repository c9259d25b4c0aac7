"""Write image files and folders of them."""

import numpy as np
import pytest
from PIL import Image


def picture(pixels):
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


@pytest.fixture
def write(tmp_path):
    """Write bytes, pixels or a Pillow image to a file, with its folders; returns the path."""

    def write_file(name, content, **options):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            (picture(content) if isinstance(content, np.ndarray) else content).save(path, **options)
        return path

    return write_file


@pytest.fixture
def classes(write, tmp_path):
    """Write a folder of different greyscale images, with the given number per class; returns its path."""

    def write_folder(**counts):
        for label, (name, count) in enumerate(counts.items()):
            (tmp_path / "own" / name).mkdir(parents=True)
            for i in range(count):
                write(f"own/{name}/{i:02}.png", np.full((5, 7, 1), 40 * label + i, "uint8"))
        return tmp_path / "own"

    return write_folder
