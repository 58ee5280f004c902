"""Photos that people choose: judged by content, unpacked with care, written anew without what they tell besides."""

import hashlib
import io
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError
from werkzeug.datastructures import FileStorage

from survey.voice.lists import rules
from survey.voice.models import VoicePhoto
from survey.voice.wording import one_line

Image.init()  # Pillow knows the formats that it is asked for by name only after this
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 82
LONGEST_NAME = 60
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")
# A broken picture makes the decoders raise many things; each of them means that it cannot be read.
UNREADABLE = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, OverflowError)
TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True)
class PhotoFault:
    """Why a file was not kept: a key of words.py and what it is filled in with."""

    key: str
    values: dict[str, Any]


def take(upload: FileStorage) -> VoicePhoto | PhotoFault:
    """The photo as it is kept, or why it is not."""
    name = one_line(upload.filename or "")[-LONGEST_NAME:]
    content = upload.read()
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
        most = rules().most_pixels[image.format or "PNG"]
        if image.width * image.height > most:
            return _huge(name, most)
        return _kept(_plain(image))
    except TOO_LARGE:
        return _huge(name, rules().most_pixels["JPEG"])
    except UNREADABLE:
        return PhotoFault("photo_heic" if content[8:12] in HEIC_BRANDS else "photo_unread", {"name": name})


def _huge(name: str, most: int) -> PhotoFault:
    return PhotoFault("photo_huge", {"name": name, "megapixels": most // 1_000_000})


def _plain(image: Image.Image) -> Image.Image:
    """Upright, at most so large, in three colours and nothing else."""
    side = rules().photo_side
    image.draft("RGB", (side, side))  # a JPEG is unpacked at the size that is wanted
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((side, side))
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        ground = Image.new("RGBA", upright.size, "white")
        return Image.alpha_composite(ground, upright.convert("RGBA")).convert("RGB")
    return upright.convert("RGB")


def _kept(image: Image.Image) -> VoicePhoto:
    file = io.BytesIO()
    fresh = Image.new(
        "RGB", image.size
    )  # a new picture has no EXIF, comment or colour profile to carry along
    fresh.paste(image)
    fresh.save(file, "JPEG", quality=QUALITY, optimize=True)
    content = file.getvalue()
    return VoicePhoto(
        width=image.width, height=image.height, content=content, sha256=hashlib.sha256(content).hexdigest()
    )
