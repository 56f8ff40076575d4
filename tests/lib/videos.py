"""The beginnings of video files, enough to be taken for what they are."""

HEADS = {
    "mp4": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2mp41",
    "m4v": b"\0\0\0\x14ftypM4V \0\0\0\1M4V ",
    "mov": b"\0\0\0\x14ftypqt  \0\0\2\0qt  ",
    "3gp": b"\0\0\0\x14ftyp3gp4\0\0\2\0 3gp4",
    "mkv": b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska",
    "webm": b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm",
    "avi": b"RIFF\x24\0\0\0AVI LIST",
    "flv": b"FLV\x01\x05\0\0\0\x09\0\0\0\0",
}
TYPES = {"mp4": "video/mp4", "m4v": "video/x-m4v", "mov": "video/quicktime", "3gp": "video/3gpp",
         "mkv": "video/x-matroska", "webm": "video/webm", "avi": "video/x-msvideo", "flv": "video/x-flv"}


def video(kind="mp4", size=4096):
    """Bytes of a file of this kind; they differ from place to place."""
    body = b"".join(b"%08d" % i for i in range(size // 8 + 1))
    return (HEADS[kind] + body)[:max(size, len(HEADS[kind]))]
