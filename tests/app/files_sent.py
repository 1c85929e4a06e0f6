"""What a browser sends when files are dropped, and small recordings to send."""

import io
import zipfile
from collections.abc import Mapping

import numpy as np

from tests.app.conftest import Answer, Visitor

_LINE = "a-line-that-parts"


def form_of(files: Mapping[str, bytes]) -> bytes:
    """A form of files as a browser writes one."""
    parts = [
        f'--{_LINE}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode("utf-8", "surrogateescape")
        + data
        + b"\r\n"
        for name, data in files.items()
    ]
    return b"".join([*parts, f"--{_LINE}--\r\n".encode()])


def kind_of(visitor: Visitor) -> dict[str, str]:
    """The headers of such a form."""
    return {"Content-Type": f"multipart/form-data; boundary={_LINE}", "Origin": visitor.address}


def drop(visitor: Visitor, files: Mapping[str, bytes]) -> Answer:
    """The first answer to some files."""
    return visitor.ask("POST", "/open", form_of(files), kind_of(visitor))


def table(seed: int = 1, minutes: float = 4, header: str = "t_s,x_g,y_g,z_g", scale: float = 1.0) -> bytes:
    """A wrist that turns over now and then, at 25 Hz."""
    made = np.random.default_rng(seed)
    count = int(minutes * 60 * 25)
    side = np.repeat(made.normal(size=(count // 500 + 1, 3)), 500, axis=0)[:count]
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    values = scale * (side + made.normal(0, 0.004, size=side.shape))
    rows = (f"{place / 25:.2f},{x:.4f},{y:.4f},{z:.4f}" for place, (x, y, z) in enumerate(values))
    return "\n".join([header, *rows, ""]).encode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """These files in an archive."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return kept.getvalue()
