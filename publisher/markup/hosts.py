"""Names of hosts as addresses have them: internationalised ones as A-labels (RFC 5890)."""

import idna

#: No name has more (RFC 1035 §2.3.4), however it is written.
_LONGEST = 255


def ascii_host(host: str, *, strict: bool = False) -> str:
    """Return the name of a host in ASCII, the one that browsers and mail servers ask for.

    That is IDNA 2008 with the mapping of UTS 46, where `faß.example` keeps its ß.

    Args:
        host: of any characters; also an address of a machine, without brackets.
        strict: refuses what has no place in IDNA 2008, such as a name with an emoji; else it is written by IDNA 2003,
            as browsers read it in links.

    Raises:
        UnicodeError: it is no name of a host; a label is empty or too long.
    """
    if len(host) > _LONGEST:
        raise UnicodeError("the name of a host is too long")
    if not host.isascii():
        try:
            return idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            if strict:
                raise
    return host.encode("idna").decode("ascii")
