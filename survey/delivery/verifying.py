"""How a recipient finds out that a package is ours and whole, with openssl and sha256sum alone."""

COMMANDS = (
    "openssl pkeyutl -verify -pubin -inkey khoa-cong-khai.pem -rawin -in manifest.json -sigfile manifest.json.sig",
    "sha256sum -c SHA256SUMS",
)
KEY_ADDRESS = "/khoa-cong-khai.pem"
"""Where the public key is for everyone."""


def how_to_verify(key_id: str) -> str:
    """The text in the package."""
    return f"""CÁCH KIỂM TRA GÓI SỐ LIỆU

1. Chữ ký (cần OpenSSL 3.0 trở lên). Trong thư mục đã giải nén:

   {COMMANDS[0]}

   Phải in ra: Signature Verified Successfully

2. Các tệp còn nguyên vẹn:

   {COMMANDS[1]}

   Mỗi dòng phải kết thúc bằng OK. Mã SHA-256 của từng tệp, kể cả SHA256SUMS, nằm trong manifest.json, là tệp được ký.

3. Khóa công khai trong gói chỉ đáng tin khi giống khóa ở địa chỉ {KEY_ADDRESS} của hệ thống đã gửi
   (tải qua https) hoặc khóa đã nhận bằng văn bản. Mã khóa: {key_id}
"""
