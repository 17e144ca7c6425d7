"""The pictures of an issue: found, measured, made fit for mail programs, and linked or attached.

A mail shows pictures in a column of 536 pixels, none wider. Mail programs know PNG, JPEG and GIF; Outlook for Windows
knows no other, Gmail no SVG (caniemail). These are the rules:

- A **file of the publication's folder** is linked by its own address where it is PNG, JPEG or GIF, at most 1072 pixels
  wide (twice the column, for sharp screens) and 1 MB large, stands upright and has the colours of screens. Else a copy
  is made, twice as wide as it is shown and never wider than the file: PNG where the picture is transparent or a drawing
  (at most 256 colours, and no more than twice as large as JPEG), else JPEG of quality 82; in sRGB, turned upright, and
  without notes such as the place where it was taken. The copy belongs to the bundle, as `images/NAME-HASH.jpg`, and is
  linked where the archive has it.
- **Attached** pictures are as wide as they are shown, not twice: Apple Mail on the Mac shows them in their own size
  (https://github.com/hteumeuleu/caniemail/issues/171). Each file is attached once, and never with notes. Together they
  have at most 5 MB; what comes after is linked.
- An **animation** stays as it is up to 1 MB, where it is not too wide. Else its first frame stands for it, with a note.
- **SVG, HEIC, TIFF and JPEG XL** are left out where no copy can be made of them, and their words stand in their place.
- **Elsewhere on the web**, nothing is fetched: a picture is linked as it is, `http:` too, with the size that the article
  says.
- A **file that is missing, damaged or too large** to be read (20 MiB, 50 million pixels) gets one note and is linked as
  it is.
- **Without Pillow** pictures are measured all the same, and one note says which would need it.
"""

from publisher.newsletter.pictures.model import Attached, Picture, Pictures, pixels
from publisher.newsletter.pictures.preparing import prepare

__all__ = ["Attached", "Picture", "Pictures", "pixels", "prepare"]
