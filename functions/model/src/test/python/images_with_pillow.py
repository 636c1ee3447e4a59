"""Makes images of every kind that is read, and what torchvision's transforms make of them, which are Pillow's and numpy's operations:

    ToTensor, Normalize                    after  Resize((height, width))
                                           or     Resize(shorter side), CenterCrop((height, width))

Usage: images_with_pillow.py FOLDER
"""

import pathlib
import sys

import numpy
from PIL import Image

FOLDER = pathlib.Path(sys.argv[1])
WIDTH, HEIGHT, SHORTER = 32, 24, 40
MEAN = numpy.array([0.485, 0.456, 0.406], numpy.float32)
STD = numpy.array([0.229, 0.224, 0.225], numpy.float32)


def picture(width, height, seed):
    """Waves with noise: smooth enough for a JPEG, sharp enough to tell a filter from another."""
    y, x = numpy.mgrid[0:height, 0:width]
    noise = numpy.random.default_rng(seed).integers(0, 40, (height, width, 3))
    waves = numpy.stack([numpy.sin(x / 9 + c) + numpy.cos(y / 7 - c) for c in range(3)], axis=2)
    return Image.fromarray(numpy.clip(waves * 50 + 110 + noise, 0, 255).astype(numpy.uint8), "RGB")


def stretched(image):
    return image.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)


def cropped(image):
    width, height = image.size
    size = (SHORTER, int(SHORTER * height / width)) if width <= height else (int(SHORTER * width / height), SHORTER)
    image = image.resize(size, Image.Resampling.BILINEAR)
    left, top = round((size[0] - WIDTH) / 2), round((size[1] - HEIGHT) / 2)
    return image.crop((left, top, left + WIDTH, top + HEIGHT))


def save(name, array):
    numpy.save(FOLDER / f"{name}.npy", numpy.ascontiguousarray(array, numpy.float32)[None])


photo = picture(121, 83, 1)
photo.save(FOLDER / "colours.png")
photo.convert("RGBA").save(FOLDER / "alpha.png")
photo.convert("P", palette=Image.Palette.ADAPTIVE).save(FOLDER / "palette.png")
photo.convert("L").save(FOLDER / "grey.png")
photo.convert("LA").save(FOLDER / "grey-alpha.png")
photo.convert("1").save(FOLDER / "bits.png")
picture(17, 64, 2).save(FOLDER / "small-upright.png")
photo.save(FOLDER / "plain.jpg", quality=90, subsampling="4:4:4")
photo.save(FOLDER / "halved.jpg", quality=90, subsampling="4:2:0")
photo.save(FOLDER / "progressive.jpg", quality=75, progressive=True)
photo.convert("L").save(FOLDER / "grey.jpg", quality=90)

for file in sorted([*FOLDER.glob("*.png"), *FOLDER.glob("*.jpg")]):
    colours = Image.open(file).convert("RGB")
    for how, image in {"stretched": stretched(colours), "cropped": cropped(colours)}.items():
        unit = numpy.asarray(image, numpy.float32) / numpy.float32(255)
        save(f"{file.name}-{how}", ((unit - MEAN) / STD).transpose(2, 0, 1))
    grey = numpy.asarray(stretched(Image.open(file).convert("L")), numpy.float32)
    save(f"{file.name}-grey", grey[:, :, None])

# Ink, which is refused: not among those that are compared.
photo.convert("CMYK").save(FOLDER / "ink.jpeg")
