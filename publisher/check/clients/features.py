"""How features are recognised: what stands in a style sheet or in the HTML, and the feature of support.json that it is.

Each mapping leads from a word, in small letters, to a feature. What cannot be seen in a mail's HTML is in UNSEEN.
"""

from collections.abc import Mapping


def _same(prefix: str, words: str) -> dict[str, str]:
    return {word: prefix + word for word in words.split()}


def _all(feature: str, words: str) -> dict[str, str]:
    return dict.fromkeys(words.split(), feature)


def _sides(pattern: str) -> str:
    return " ".join(pattern.format(side) for side in ("top", "right", "bottom", "left"))


# ---------------------------------------------------------------- style sheets

PROPERTIES: Mapping[str, str] = {
    **_same(
        "css-",
        """accent-color align-items animation aspect-ratio backdrop-filter background background-blend-mode
        background-clip background-color background-image background-origin background-position background-repeat
        background-size border border-collapse border-image border-radius border-spacing box-shadow box-sizing
        caption-side clear clip-path color-scheme column-count cursor direction display empty-cells filter float font
        font-kerning font-size font-size-adjust font-stretch font-weight height hyphenate-character
        hyphenate-limit-chars hyphens inset justify-content letter-spacing line-height list-style list-style-image
        list-style-position list-style-type margin mask-image max-block-size max-height max-inline-size max-width
        min-block-size min-height min-inline-size min-width mix-blend-mode object-fit object-position opacity orphans
        outline outline-offset overflow overflow-wrap padding position resize shape-margin shape-outside tab-size
        table-layout text-align text-align-last text-decoration text-decoration-color text-decoration-line
        text-decoration-skip-ink text-decoration-style text-decoration-thickness text-emphasis text-emphasis-position
        text-indent text-justify text-orientation text-overflow text-shadow text-transform text-underline-offset
        text-underline-position text-wrap transform transition user-select vertical-align visibility white-space
        white-space-collapse widows width word-break word-spacing word-wrap writing-mode z-index""",
    ),
    **_all(
        "css-animation",
        """animation-delay animation-direction animation-duration animation-fill-mode animation-iteration-count
        animation-name animation-play-state animation-timing-function""",
    ),
    **_all("css-background-position", "background-position-x background-position-y"),
    **_all("css-block-inline-size", "block-size inline-size"),
    **_all("css-border", f"border-width border-style border-color {_sides('border-{}')}"),
    **_all("css-border", " ".join(_sides(f"border-{{}}-{part}") for part in ("width", "style", "color"))),
    **_all(
        "css-border-image",
        "border-image-source border-image-slice border-image-width border-image-outset border-image-repeat",
    ),
    **_all("css-border-inline-block", "border-inline border-block"),
    **_all(
        "css-border-inline-block-individual",
        "border-block-start border-block-end border-inline-start border-inline-end",
    ),
    **_all(
        "css-border-inline-block-longhand",
        """border-block-color border-block-style border-block-width border-inline-color border-inline-style
        border-inline-width""",
    ),
    **_all(
        "css-border-radius",
        "border-top-left-radius border-top-right-radius border-bottom-left-radius border-bottom-right-radius",
    ),
    **_all(
        "css-border-radius-logical",
        "border-start-start-radius border-start-end-radius border-end-start-radius border-end-end-radius",
    ),
    **_all(
        "css-column-layout-properties",
        """columns column-fill column-rule column-rule-color column-rule-style column-rule-width column-span
        column-width""",
    ),
    **_all("css-gap", "gap column-gap row-gap grid-gap"),
    **_all("css-grid-template", "grid-template grid-template-areas grid-template-columns grid-template-rows"),
    **_all(
        "css-inset",
        "inset-block inset-inline inset-block-start inset-block-end inset-inline-start inset-inline-end",
    ),
    **_all("css-left-right-top-bottom", "left right top bottom"),
    **_all("css-margin", _sides("margin-{}")),
    **_all("css-margin-block-start-end", "margin-block-start margin-block-end"),
    **_all("css-margin-inline-block", "margin-inline margin-block"),
    **_all("css-margin-inline-start-end", "margin-inline-start margin-inline-end"),
    **_all("css-mask-image", "mask"),
    **_all("css-overflow", "overflow-x overflow-y overflow-block overflow-inline"),
    **_all("css-padding", _sides("padding-{}")),
    **_all("css-padding-block-start-end", "padding-block-start padding-block-end"),
    **_all("css-padding-inline-block", "padding-inline padding-block"),
    **_all("css-padding-inline-start-end", "padding-inline-start padding-inline-end"),
    **_all("css-scroll-snap", "scroll-snap-type scroll-snap-align scroll-snap-stop"),
    **_all("css-text-emphasis", "text-emphasis-color text-emphasis-style"),
    **_all("css-text-wrap", "text-wrap-mode text-wrap-style"),
    **_all("css-transition", "transition-property transition-duration transition-timing-function transition-delay"),
}

#: A word of one property's value.
VALUES: Mapping[tuple[str, str], str] = {
    ("display", "flex"): "css-display-flex",
    ("display", "inline-flex"): "css-display-flex",
    ("display", "grid"): "css-display-grid",
    ("display", "inline-grid"): "css-display-grid",
    ("display", "none"): "css-display-none",
    ("flex-direction", "column"): "css-flex-direction",
    ("flex-direction", "column-reverse"): "css-flex-direction",
    ("flex-flow", "column"): "css-flex-direction",
    ("flex-flow", "wrap"): "css-flex-wrap",
    ("flex-wrap", "wrap"): "css-flex-wrap",
    ("flex-wrap", "wrap-reverse"): "css-flex-wrap",
}

#: A word of any property's value.
WORDS: Mapping[str, str] = {
    "initial": "css-unit-initial",
    **_all("css-intrinsic-size", "fit-content min-content max-content"),
    # The data's own name for it, slip of the pen and all.
    **_all("css-sytem-ui", "system-ui ui-serif ui-sans-serif ui-rounded ui-monospace"),
}

FUNCTIONS: Mapping[str, str] = {
    **_all("css-modern-color", "lch oklch lab oklab"),
    **_all("css-linear-gradient", "linear-gradient repeating-linear-gradient"),
    **_all("css-radial-gradient", "radial-gradient repeating-radial-gradient"),
    **_all("css-conic-gradient", "conic-gradient repeating-conic-gradient"),
    **_same("css-function-", "clamp light-dark max min"),
    **_same("css-", "rgb rgba"),
    "calc": "css-unit-calc",
    "fit-content": "css-intrinsic-size",
    "var": "css-variables",
}

UNITS: Mapping[str, str] = _same("css-unit-", "ch cm em ex in mm pc pt px rem vh vmax vmin vw")

#: The at-rules that are features of their own; of @media, see MEDIA.
AT_RULES: Mapping[str, str] = _same("css-at-", "font-face import keyframes media supports")

#: What a media query asks for.
MEDIA: Mapping[str, str] = {
    **_all("css-at-media-hover", "hover any-hover"),
    **_same("css-at-media-", "orientation prefers-color-scheme prefers-reduced-motion"),
    **_all(
        "css-at-media-device-pixel-ratio",
        """-webkit-device-pixel-ratio -webkit-min-device-pixel-ratio -webkit-max-device-pixel-ratio
        min--moz-device-pixel-ratio""",
    ),
}

PSEUDO_CLASSES: Mapping[str, str] = _same(
    "css-pseudo-class-",
    """active checked default first-child first-of-type focus focus-visible focus-within has hover lang last-child
    last-of-type link not nth-child nth-last-child nth-last-of-type nth-of-type only-child only-of-type target
    visited""",
)
#: Four of them may be written with one colon, too.
PSEUDO_ELEMENTS: Mapping[str, str] = _same(
    "css-pseudo-element-", "after before first-letter first-line marker placeholder"
)
COMBINATORS: Mapping[str, str] = {
    ">": "css-selector-child",
    "+": "css-selector-adjacent-sibling",
    "~": "css-selector-general-sibling",
}

# ---------------------------------------------------------------- HTML

ELEMENTS: Mapping[str, str] = {
    **_same(
        "html-",
        """abbr acronym address audio base bdi blockquote body code del dfn dialog div form hr img marquee meter
        object p picture pre progress rp rt ruby select small span strike strong style svg table textarea video wbr""",
    ),
    **_all("html-h1-h6", "h1 h2 h3 h4 h5 h6"),
    **_all("html-lists", "ul ol dl"),
    **_all(
        "html-semantics",
        "article aside details figcaption figure footer header main mark nav section summary time",
    ),
    "embed": "html-object",
}

#: What `type` makes of <input> and <button>.
INPUTS: Mapping[tuple[str, str], str] = {
    **{("input", kind): f"html-input-{kind}" for kind in "checkbox hidden radio reset submit text".split()},
    **{("input", kind): "html-input-text" for kind in ("", "email", "tel", "url", "search", "password", "number")},
    **{("button", kind): f"html-button-{kind}" for kind in ("reset", "submit")},
    ("button", ""): "html-button-submit",
}

ATTRIBUTES: Mapping[str, str] = {
    **_same(
        "html-",
        """align aria-describedby aria-hidden aria-label aria-labelledby aria-live background cellpadding cellspacing
        dir height hidden lang popover required role target valign width""",
    ),
    "inert": "css-inert-attribute",
    "loading": "html-loading-attribute",
    "sizes": "html-srcset",
    "srcset": "html-srcset",
    "usemap": "html-image-maps",
}

#: By the ending of an address, or of a Content-ID that is a file's name.
IMAGES: Mapping[str, str] = {
    **_same("image-", "apng avif bmp gif heif ico jpg mp4 png svg tiff webp"),
    **_all("image-heif", "heic hif"),
    **_all("image-jpg", "jpeg jpe jfif"),
    "m4v": "image-mp4",
    "svgz": "image-svg",
    "tif": "image-tiff",
}

#: Recognised where they stand rather than by a word of their own, by these rooms' other modules.
PLACED: frozenset[str] = frozenset(
    """css-comments css-important css-nesting css-selector-attribute css-selector-chaining css-selector-class
    css-selector-descendant css-selector-grouping css-selector-id css-selector-type css-selector-universal
    css-unit-percent css-variables html-anchor-links html-comments html-doctype html-link html-mailto-links
    html-meta-color-scheme image-base64""".split()
)

#: What cannot be seen in a mail's HTML, with the reason.
UNSEEN: Mapping[str, str] = {
    "amp": "is a part of the mail beside the HTML",
    "bimi": "is a record in the DNS",
    "css-inline-size": "was tested without saying in which use; the property is css-block-inline-size",
    "image-hdr": "is told by the bytes of a picture, not by its address",
}


def seen() -> frozenset[str]:
    """Return every feature that can be recognised."""
    tables = (
        PROPERTIES, WORDS, FUNCTIONS, UNITS, AT_RULES, MEDIA, PSEUDO_CLASSES, PSEUDO_ELEMENTS, COMBINATORS, ELEMENTS,
        ATTRIBUTES, IMAGES,
    )  # fmt: skip
    return PLACED.union(VALUES.values(), INPUTS.values(), *(table.values() for table in tables))
