"""An XML document as a tree of nodes that know their line and column.

expat reads it: it keeps columns, which libxml2 does not, opens no file and no connection, and limits what entities
may expand to. It is also the parser behind the W3C's service, so both agree on what is well-formed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from publisher.check.xmlfeed.names import short

#: Deeper than any feed and all HTML within; what is deeper wants to exhaust the reader.
_DEEPEST = 200
#: Elements and attributes; what has more wants to fill the memory.
_MOST = 500_000
#: One mapping for all elements without attributes, which are the most.
_NONE: Mapping[str, str] = {}
#: The words of each format are in one of its namespaces; RSS has none.
_HOMES = {
    "feed": frozenset({"atom"}),
    "entry": frozenset({"atom"}),
    "RDF": frozenset({"rss1", "rss090"}),
    "Channel": frozenset({"rss11"}),
    "service": frozenset({"app"}),
    "categories": frozenset({"app"}),
}


class NotXml(Exception):
    """The document breaks a rule of XML 1.0 or of its namespaces."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column = reason, line, column


@dataclass(slots=True, eq=False)
class Node:
    """One element."""

    #: As `publisher.check.xmlfeed.names.short` gives it.
    name: str
    attributes: Mapping[str, str]
    line: int
    #: From 1.
    column: int
    #: Where the element begins and where its end tag begins, in bytes of the source.
    start: int
    end: int = 0
    children: list["Node"] = field(default_factory=list)
    #: The element's own text, without that of its children.
    text: str = ""
    parent: "Node | None" = field(default=None, repr=False)
    #: Its title, or else its id: what people call it by.
    label: str = ""

    @property
    def place(self) -> tuple[int, int]:
        """Line and column, from 1."""
        return self.line, self.column

    @property
    def value(self) -> str:
        """The text without the white space around it."""
        return self.text.strip()

    @property
    def foreign(self) -> bool:
        """Whether the element is of a namespace that no rule here knows."""
        return self.name.startswith("{")

    def all(self, name: str) -> list["Node"]:
        """Return the children of a name."""
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> "Node | None":
        """Return the first child of a name."""
        return next((child for child in self.children if child.name == name), None)

    def tree(self) -> Iterator["Node"]:
        """Yield the element and all below, in the order of the document."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children)


@dataclass(frozen=True, slots=True)
class Declared:
    """One namespace declaration."""

    prefix: str
    uri: str
    line: int
    column: int


@dataclass(slots=True)
class Document:
    """A parsed document."""

    root: Node
    #: Namespace of the root element; empty where it has none.
    namespace: str
    #: The source, in UTF-8.
    data: bytes
    namespaces: list[Declared] = field(default_factory=list)
    #: Name, public and system identifier of the document type.
    doctype: tuple[str, str, str] | None = None
    #: Entities that a document type elsewhere might declare: name, line and column.
    skipped: list[tuple[str, int, int]] = field(default_factory=list)

    def raw(self, node: Node) -> bytes:
        """Return an element's content as it is spelled."""
        return self.data[node.start : node.end]


def parse(data: bytes) -> Document:
    """Parse a document.

    Args:
        data: UTF-8, whatever its XML declaration says.

    Raises:
        NotXml: it is not well-formed, nests too deeply, or its elements or entities would fill the memory.
    """
    builder = _Builder(data)
    try:
        builder.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NotXml(expat.ErrorString(error.code), error.lineno, error.offset + 1) from None
    assert builder.document is not None
    return builder.document


class _Builder:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.document: Document | None = None
        self.home: frozenset[str] = frozenset()
        self.own = ""
        self.open: list[Node] = []
        self.texts: list[list[str]] = []
        self.declared: list[Declared] = []
        self.doctype: tuple[str, str, str] | None = None
        self.count = 0
        parser = self.parser = expat.ParserCreate("utf-8", "}")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartNamespaceDeclHandler = self._namespace
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.SkippedEntityHandler = self._skipped
        parser.ExternalEntityRefHandler = lambda *_: 1  # nothing outside of the file is ever read

    def _doctype(self, name: str, system: str | None, public: str | None, _internal: int) -> None:
        self.doctype = (name, public or "", system or "")

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        self.declared.append(Declared(prefix or "", uri or "", *self._place()))

    def _place(self) -> tuple[int, int]:
        return self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line, column = self._place()
        if len(self.open) >= _DEEPEST:
            raise NotXml(f"elements are nested more than {_DEEPEST} deep", line, column)
        self.count += 1 + len(attributes)
        if self.count + len(self.declared) > _MOST:
            raise NotXml(f"it has more than {_MOST} elements and attributes", line, column)
        if self.document is None:
            self.home, self.own = _home(name)
        shortened = {short(key): value for key, value in attributes.items()} if attributes else _NONE
        node = Node(short(name, self.home, self.own), shortened, line, column, self.parser.CurrentByteIndex)
        if self.document is None:
            namespace = name.rpartition("}")[0]
            self.document = Document(node, namespace, self.data, self.declared, self.doctype)
        else:
            node.parent = self.open[-1]
            node.parent.children.append(node)
        self.open.append(node)
        self.texts.append([])

    def _end(self, _name: str) -> None:
        node = self.open.pop()
        node.text = "".join(self.texts.pop())
        node.end = self.parser.CurrentByteIndex
        if (
            node.parent
            and node.value
            and (node.name == "title" or (node.name in ("id", "guid") and not node.parent.label))
        ):
            node.parent.label = node.value

    def _text(self, text: str) -> None:
        self.texts[-1].append(text)

    def _skipped(self, name: str, is_parameter: int) -> None:
        if self.document is not None and not is_parameter:
            self.document.skipped.append((name, *self._place()))


def _home(root: str) -> tuple[frozenset[str], str]:
    uri, _, name = root.rpartition("}")
    if name in ("rss", "opml", "outlineDocument"):
        return frozenset({""}), uri
    return _HOMES.get(name, frozenset()), ""
