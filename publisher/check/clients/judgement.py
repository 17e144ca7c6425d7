"""What the absence of a feature does to a mail: how much it matters, in our words, and what to do about it.

Whatever is not listed as changing the looks or as harmless counts as breaking. The harmless ones are reviewed: a mail
made with tables and inline styles stays readable and complete without them; docs/clients.md lists those that ours uses.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum


class Weight(Enum):
    """How much a reader loses where a feature is missing."""

    BREAKS = "breaks"
    """Text is lost, hidden parts appear, or the layout falls apart."""

    CHANGES = "changes"
    """It looks different from what was meant, and can be read."""

    HARMLESS = "harmless"
    """Refinement only; what lies below it is what was meant for those who do not get it."""


@dataclass(frozen=True, slots=True)
class Trap:
    """A use of a feature that fails in clients which show the rest of it: those with `a` in the table."""

    feature: str
    #: Beginnings of the keys of those clients; all with `a` where empty.
    clients: tuple[str, ...] = ()


_WORD = ("outlook/windows",)  # Windows Mail, too: both draw with Word
_NESTED = ("gmail/", "outlook/", "mail-ru/")

#: The conditions are facts of the data's remarks, in our words and as far as they can be recognised.
TRAPS: Mapping[str, Trap] = {
    "css-at-media.height": Trap("css-at-media", ("gmail/", "mail-ru/")),
    # Gmail drops the whole style element: https://github.com/hteumeuleu/caniemail/issues/144
    "css-at-media.nested": Trap("css-at-media", _NESTED),
    "css-background.image": Trap("css-background", _WORD),
    "css-display-none.nested": Trap("css-display-none", _WORD),
    "css-important.capitals": Trap("css-important", ("gmail/", "protonmail/desktop")),
    "css-important.inline": Trap("css-important", ("outlook/windows",)),
    "css-list-style.image": Trap("css-list-style"),
    "css-margin.auto": Trap("css-margin", _WORD),
    "css-margin.negative": Trap("css-margin"),
    "css-max-width.block": Trap("css-max-width", _WORD),
    "css-padding.block": Trap("css-padding", _WORD),
    "css-rgb.alpha": Trap("css-rgb", (*_WORD, "orange/", "gmx/", "web-de/")),
    "css-rgb.space": Trap("css-rgb"),
    "css-rgba.space": Trap("css-rgba"),
    "css-text-align.flow": Trap("css-text-align", (*_WORD, "yahoo/", "aol/", "orange/", "gmx/", "web-de/")),
    "css-white-space.pre": Trap("css-white-space"),
    "css-width.block": Trap("css-width", _WORD),
    "html-lang.cell": Trap("html-lang"),
    "html-lists.reversed": Trap("html-lists"),
    "html-style.body": Trap("html-style", ("gmail/", "protonmail/")),
}

#: What costs more than itself: Gmail drops the style attribute or the whole style element around it. So it breaks even
#: where it refines only.
POISON = frozenset({"css-at-media.nested", "css-modern-color", "css-rgb.space", "css-rgba.space"})

_CHANGES = frozenset(
    """css-at-font-face css-at-import css-at-media.height css-backdrop-filter css-background-blend-mode
    css-background-clip css-block-inline-size css-border-image css-border-inline-block
    css-border-inline-block-individual css-border-inline-block-longhand css-border-spacing css-box-sizing
    css-caption-side css-column-count css-column-layout-properties css-float css-important css-important.capitals
    css-important.inline css-list-style css-list-style-image css-list-style-type css-list-style.image css-margin-block-start-end
    css-margin-inline-block css-margin-inline-start-end css-margin.auto css-margin.negative css-max-block-size
    css-max-height css-max-inline-size css-min-block-size css-min-height css-min-inline-size css-min-width
    css-object-fit css-object-position css-opacity css-padding-block-start-end css-padding-inline-block
    css-padding-inline-start-end css-pseudo-class-first-child css-pseudo-class-first-of-type css-pseudo-class-has
    css-pseudo-class-lang css-pseudo-class-last-child css-pseudo-class-last-of-type css-pseudo-class-not
    css-pseudo-class-nth-child css-pseudo-class-nth-last-child css-pseudo-class-nth-last-of-type
    css-pseudo-class-nth-of-type css-pseudo-class-only-child css-pseudo-class-only-of-type css-pseudo-element-after
    css-pseudo-element-before css-pseudo-element-first-letter css-pseudo-element-first-line css-rgb.alpha
    css-selector-adjacent-sibling css-selector-attribute css-selector-chaining css-selector-child
    css-selector-general-sibling css-selector-universal css-shape-margin css-shape-outside css-text-align.flow
    css-text-emphasis css-text-emphasis-position css-text-indent css-unit-initial css-white-space
    css-white-space-collapse css-white-space.pre html-anchor-links html-background html-bdi html-dir html-image-maps
    html-lists.reversed html-mailto-links html-marquee html-meter html-progress html-rp html-rt html-ruby html-strike
    html-style.body image-apng image-avif image-bmp image-heif image-ico image-tiff image-webp""".split()
)

_HARMLESS = frozenset(
    """css-accent-color css-animation css-aspect-ratio css-at-keyframes css-at-media css-at-media-device-pixel-ratio
    css-at-media-hover css-at-media-orientation css-at-media-prefers-color-scheme css-at-media-prefers-reduced-motion
    css-at-supports css-background-origin css-background-position css-background-repeat css-background-size
    css-border-radius css-border-radius-logical css-box-shadow css-clear css-color-scheme css-comments css-cursor
    css-empty-cells css-font-kerning css-font-size-adjust css-font-stretch css-height css-hyphenate-character
    css-hyphenate-limit-chars css-hyphens css-inert-attribute css-list-style-position css-max-width.block css-orphans
    css-outline css-outline-offset css-overflow css-overflow-wrap css-padding.block css-pseudo-class-active
    css-pseudo-class-checked css-pseudo-class-default css-pseudo-class-focus css-pseudo-class-focus-visible
    css-pseudo-class-focus-within css-pseudo-class-hover css-pseudo-class-link css-pseudo-class-target
    css-pseudo-class-visited css-pseudo-element-marker css-pseudo-element-placeholder css-resize css-scroll-snap
    css-selector-class css-selector-descendant css-selector-grouping css-selector-id css-selector-type css-sytem-ui
    css-tab-size css-table-layout css-text-align-last css-text-decoration css-text-decoration-color
    css-text-decoration-line css-text-decoration-skip-ink css-text-decoration-style css-text-decoration-thickness
    css-text-justify css-text-overflow css-text-shadow css-text-underline-offset css-text-underline-position
    css-text-wrap css-transition css-user-select css-widows css-width.block css-word-break css-word-spacing
    css-word-wrap html-abbr html-acronym html-address html-aria-describedby html-aria-hidden html-aria-label
    html-aria-labelledby html-aria-live html-body html-code html-dfn html-doctype html-height html-lang html-lang.cell
    html-loading-attribute html-meta-color-scheme html-required html-role html-semantics html-small html-srcset
    html-target html-wbr html-width""".split()
)

#: Names of rules and of their features, what follows, and what to do. A name that ends in -* stands for what begins so and
#: has no words of its own.
_ADVICE: tuple[tuple[str, str, str], ...] = (
    ("css-at-font-face", "another font of the list is shown", "end the list with fonts that everybody has"),
    ("css-at-import", "what it names is never loaded", "put the rules into the mail"),
    ("css-at-media.height", "the query never holds", "ask for widths"),
    ("css-at-media.nested", "all rules of that style element are dropped", "keep at-rules beside each other"),
    (
        "css-at-media-prefers-color-scheme html-meta-color-scheme",
        "they keep or invert the light colours",
        "choose colours that bear both",
    ),
    ("css-at-media", "the layout stays that of wide screens", "let it be readable without"),
    ("css-at-*", "what it holds does not apply", "let the mail be readable without"),
    (
        "css-background-image",
        "what stands on the picture may be unreadable",
        "add a background-color to the same element",
    ),
    ("css-background.image", "what stands on the picture may be unreadable", "add a background-color of its own"),
    (
        "css-linear-gradient css-radial-gradient css-conic-gradient",
        "what stands on it may be unreadable",
        "add a background-color to the same element",
    ),
    ("css-border-radius css-border-radius-logical", "corners are square", "accept it"),
    ("css-display-none.nested", "pictures and tables in it are shown", "put mso-hide: all on each of them"),
    ("css-display-none", "what was to be hidden is shown", "add max-height: 0 and overflow: hidden, or leave it out"),
    ("css-display-flex css-display-grid", "the parts stand below each other", "lay it out with a table"),
    ("css-grid-template", "the parts stand below each other", "lay it out with a table"),
    (
        "css-flex-direction css-flex-wrap css-align-items css-justify-content",
        "the parts stand otherwise",
        "lay it out with a table",
    ),
    ("css-gap", "the parts touch", "use the padding of table cells"),
    (
        "css-position css-left-right-top-bottom css-inset css-z-index",
        "the element stays in the flow of the text",
        "lay it out with a table",
    ),
    ("css-float", "it stands above the text instead of beside it", "use a table, or the attribute align of a picture"),
    ("css-important", "the declaration is lost", "write !important in small letters, in kept rules only"),
    ("css-list-style css-list-style-image", "the ordinary mark is shown", "use list-style-type"),
    ("css-list-style-type", "the ordinary mark is shown", "let the list be readable with it"),
    ("css-list-style-position", "the marks stand at the ordinary place", "accept it"),
    ("css-margin.auto", "it is not centred", 'add align="center"'),
    ("css-margin.negative", "the element is not moved", "use none or positive margins"),
    ("css-margin-*", "the space is missing", "use margin-top, margin-right, margin-bottom and margin-left"),
    ("css-padding-*", "the space is missing", "use padding-top, padding-right, padding-bottom and padding-left"),
    ("css-padding.block", "the space inside is missing", "put it on a table cell"),
    ("css-max-width.block", "it is as wide as its surroundings", "put it into a table of fixed width"),
    ("css-width.block", "it has its natural width", "add the attribute width, in pixels"),
    ("css-modern-color", "the declaration is lost, in Gmail the whole style", "write colours as #rrggbb"),
    ("css-rgb.alpha", "the colour is lost", "write colours as #rrggbb"),
    (
        "css-rgb css-rgba",
        "the colour is lost, in Gmail the whole style where it has no commas",
        "write colours as #rrggbb",
    ),
    ("css-function-light-dark", "the declaration is lost", "write colours as #rrggbb"),
    ("css-function-*", "the declaration is lost", "write the value in px"),
    ("css-unit-initial css-variables", "the declaration is lost", "write the value itself"),
    ("css-unit-*", "the declaration is lost", "write the value in px"),
    ("css-nesting", "the inner rules are lost", "write each rule by itself"),
    ("css-opacity", "it is fully visible", "mix the colour, and leave nothing visible that shall not be"),
    ("css-visibility", "it is visible all the same", "leave it out of the mail"),
    ("css-text-align.flow", "the text stands at its ordinary side", "write left or right"),
    ("css-white-space css-white-space-collapse", "blanks and line ends run together", "use <pre> or &nbsp;"),
    ("css-pseudo-class-*", "the rule does not apply", "give the element an inline style"),
    ("css-pseudo-element-*", "the rule does not apply", "put into the mail what it was to add"),
    ("css-selector-*", "the rule does not apply", "give the element a class of its own, and an inline style"),
    ("css-*", "it is ignored", "leave it out, or let the mail be readable without"),
    ("html-anchor-links", "tapping it does nothing", "link to the page on the web"),
    ("html-base", "links lead elsewhere", "write whole addresses"),
    ("html-bdi", "punctuation may stand on the wrong side", 'use <span dir="auto">'),
    ("html-hidden html-dialog html-popover", "what was to be hidden is shown", "leave it out of the mail"),
    ("html-link", "the style sheet is never loaded", "put the rules into the mail"),
    ("html-lists.reversed", "it counts upwards", "write the numbers yourself"),
    ("html-style.body", "its rules are dropped", "put it into the head"),
    ("html-style", "the mail has no looks at all", "put the looks into style attributes"),
    ("html-picture", "nothing is shown", "put an <img> into it"),
    (
        "html-ruby html-rt html-rp",
        "the reading stands behind the word",
        "put it into parentheses with <rp>",
    ),
    ("html-svg", "the drawing is missing", "use a PNG, JPEG or GIF"),
    ("html-audio", "it cannot be played", "link to it"),
    ("html-video", "it cannot be played", "link to it from a picture"),
    ("html-object", "it is missing", "link to it"),
    ("html-button-*", "it does nothing", "make it a link"),
    ("html-dir", "the text begins at the other side", "write text-align: right, too"),
    ("html-form", "nothing is sent", "link to a form on the web"),
    ("html-input-* html-select html-textarea", "it is missing or does nothing", "link to a form on the web"),
    ("html-*", "it is left out or does nothing", "let the mail be readable without"),
    ("image-apng", "it does not move", "use a GIF"),
    ("image-base64", "the picture stays empty", "link to it with https, or attach it"),
    ("image-*", "the picture stays empty", "use a PNG, JPEG or GIF"),
)
_ADVICE_BY_NAME = {name: (after, cure) for names, after, cure in _ADVICE for name in names.split()}

#: What readers get instead where a use is harmless, and it is no ordinary consequence of its rule.
_INSTEAD: Mapping[str, str] = {
    "css-background.image": "the background colour is shown",
    "css-background-image": "the background colour is shown",
    "css-color-scheme": "they keep or invert the light colours",
    "css-conic-gradient": "the background colour is shown",
    "css-display-none": "other declarations hide it, or it is shown as well",
    "css-display-none.nested": "other declarations hide it, or it is shown as well",
    "css-height": "it is as high as its contents",
    "css-linear-gradient": "the background colour is shown",
    "css-margin.auto": "the attribute align places it",
    "css-max-height": "other declarations beside it hide it",
    "css-max-width.block": "attributes and the tables around it decide",
    "css-opacity": "other declarations beside it hide it",
    "css-overflow": "nothing is cut off, and nothing scrolls by itself",
    "css-overflow-wrap": "very long words are not broken",
    "css-radial-gradient": "the background colour is shown",
    "css-table-layout": "columns follow their contents",
    "css-text-decoration-color": "the underline looks as usual",
    "css-text-decoration-thickness": "the underline looks as usual",
    "css-text-underline-offset": "the underline looks as usual",
    "css-white-space": "long lines of code are not wrapped",
    "css-word-break": "very long words are not broken",
    "css-word-wrap": "very long words are not broken",
    "html-aria-hidden": "screen readers may meet the blanks behind the preheader",
    "html-background": "the background colour is shown",
    "html-body": "the tables inside carry its colours, too",
    "html-dir": "it runs as its letters do",
    "html-doctype": "they draw by rules of their own, which tables bear",
    "html-lang": "screen readers keep the language of what is around it",
    "html-lang.cell": "screen readers keep the language of the whole mail",
    "html-picture": "the <img> in it is shown",
    "html-style": "the style attributes are all the looks it has",
}


def feature_of(rule: str) -> str:
    """Return the feature of the table that a rule, such as `css-margin.auto`, is about."""
    return rule.partition(".")[0]


def weight_of(rule: str) -> Weight:
    """Return how much a rule matters where nothing around it says otherwise."""
    if rule in _HARMLESS:
        return Weight.HARMLESS
    return Weight.CHANGES if rule in _CHANGES else Weight.BREAKS


def advice_on(rule: str, weight: Weight) -> tuple[str, str]:
    """Return what follows where the feature is missing, and what to do, which may be nothing: two clauses."""
    consequence, cure = next(_ADVICE_BY_NAME[name] for name in _names_for(rule) if name in _ADVICE_BY_NAME)
    return (_INSTEAD.get(rule, consequence), "") if weight is Weight.HARMLESS else (consequence, cure)


def _names_for(rule: str) -> Iterator[str]:
    """Yield the names under which there may be advice on a rule: its own, its feature's, those of ever larger families."""
    family = feature_of(rule)
    yield from (rule, family)
    while "-" in family:
        family = family.rpartition("-")[0]
        yield f"{family}-*"


def listed() -> frozenset[str]:
    """Return every rule that is said to change the looks or to be harmless."""
    return _CHANGES | _HARMLESS
