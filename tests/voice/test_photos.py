"""Photos: judged by content, upright, small, without place and camera; what is no photo is told by name."""

import io
import struct
import zlib

import pytest
from flask import Flask
from PIL import Image

from survey.extensions import db
from survey.voice.models import VoicePhoto
from tests.collect.visitor import Visitor
from tests.voice.messages import GOOD, chosen, everything, jpeg, the_only

ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F


def kept(app: Flask) -> Image.Image:
    """The one photo that is kept, opened."""
    with app.app_context():
        photo = db.session.query(VoicePhoto).one()
        assert photo.media_type == "image/jpeg"
        image = Image.open(io.BytesIO(photo.content))
        assert (image.width, image.height, image.format) == (photo.width, photo.height, "JPEG")
        return image


def from_a_phone() -> bytes:
    """A large photo, lying on its side, that knows where it was taken."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = 6, "Telephone"
    exif[GPS] = {1: "N", 2: (10.0, 15.0, 0.0), 3: "E", 4: (106.0, 22.0, 0.0)}
    return jpeg(3000, 2000, exif=exif, comment=b"secret", quality=60)


def test_a_photo_is_upright_small_and_tells_nothing_else(app: Flask, citizen: Visitor) -> None:
    citizen.press(**GOOD, photos=chosen(from_a_phone()))
    image = kept(app)
    assert (image.width, image.height) == (1067, 1600)
    assert dict(image.getexif()) == {}
    assert {"exif", "comment", "icc_profile"}.isdisjoint(image.info)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_become_jpeg_on_white(app: Flask, citizen: Visitor, kind: str) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (30, 20), (0, 0, 0, 0)).save(file, kind)
    citizen.press(**GOOD, photos=chosen(file.getvalue(), name="anh.bin"))
    pixel = kept(app).getpixel((10, 10))
    assert isinstance(pixel, tuple) and min(pixel) > 250


def bomb() -> bytes:
    """A PNG of some bytes that says it is 60,000 by 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100))


def gif() -> bytes:
    file = io.BytesIO()
    Image.new("P", (5, 5)).save(file, "GIF")
    return file.getvalue()


UNREAD = "không phải ảnh đọc được"
NOT_PHOTOS = {
    "text": (b"<html><script>alert(1)</script>", UNREAD),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", UNREAD),
    "gif": (gif(), UNREAD),
    "empty": (b"", UNREAD),
    "cut off": (jpeg(400, 400)[:700], UNREAD),
    "only a head": (jpeg()[:20], UNREAD),
    "bomb": (bomb(), "quá lớn"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "ở dạng HEIC chưa đọc được"),
}


@pytest.mark.parametrize(("content", "told"), NOT_PHOTOS.values(), ids=NOT_PHOTOS)
def test_what_is_no_photo_is_told_by_name_and_the_rest_is_kept(
    app: Flask, citizen: Visitor, content: bytes, told: str
) -> None:
    files = [*chosen(jpeg()), (io.BytesIO(content), "<b>ảnh.jpg")]
    citizen.press(**GOOD, photos=files)
    assert "“<b>ảnh.jpg”" in citizen.text and told in citizen.text
    assert everything(app) == [], "nothing is sent before the sender knows"
    assert "Ảnh 1 đã được giữ" in citizen.text
    citizen.press()
    assert len(the_only(app).photos) == 1


def test_what_telephones_write_beside_jpeg_is_read(app: Flask, citizen: Visitor) -> None:
    file = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(
        file, "MPO", save_all=True, append_images=[Image.new("RGB", (9, 9))]
    )
    citizen.press(**GOOD, photos=chosen(file.getvalue()))
    assert kept(app).size == (30, 20)


def test_three_photos_at_most_and_each_can_be_taken_out(app: Flask, citizen: Visitor) -> None:
    citizen.press(**GOOD, photos=chosen(*(jpeg(50 + number, 40) for number in range(4))))
    assert "Chỉ giữ được 3 ảnh" in citizen.text
    assert not citizen.document.xpath("//input[@type='file']")
    drop = citizen.document.xpath("//button[starts-with(@value, 'no-photo:')]/@value")
    citizen.press(drop[1])
    assert "51 × 40" not in citizen.text
    citizen.press()
    assert [photo.width for photo in the_only(app).photos] == [50, 52]


def test_the_photo_of_another_draft_cannot_be_taken_out(app: Flask, citizen: Visitor) -> None:
    citizen.press(**GOOD | {"field": ""}, photos=chosen(jpeg()))
    (drop,) = citizen.document.xpath("//button[starts-with(@value, 'no-photo:')]/@value")
    Visitor(app.test_client()).open("/y-kien").press(drop, **GOOD)
    citizen.press(field="network")
    assert len(the_only(app).photos) == 1
