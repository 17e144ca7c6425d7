"""What differs from reader to reader: tokens in the bundle that the sending part replaces for each of them."""

#: Stands for the reader's own unsubscribe address, in HTML and text alike. An address itself, so that no step on the
#: way changes it; `.invalid` never resolves (RFC 6761 §6.4).
UNSUBSCRIBE = "https://unsubscribe.invalid/@@UNSUBSCRIBE@@"
