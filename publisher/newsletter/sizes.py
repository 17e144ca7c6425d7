"""How large the parts of a mail may be: what programs and servers on its way take."""

#: Bytes of a mail's decoded HTML part; Gmail cuts off what has about 102,000 (hteumeuleu/email-bugs#41).
LARGEST_HTML = 100_000
#: Bytes of style sheets in the head of a mail; Gmail drops them all beyond (hteumeuleu/email-bugs#90).
LARGEST_STYLE = 16_384
#: Octets of a line, without CRLF (RFC 5322 §2.1.1).
LONGEST_LINE = 998
