"""Signatures of mails (DKIM: RFC 6376, RFC 8301, RFC 8463), by which receivers know who is answerable for them.

What is the same for all readers of an issue is hashed once. For each reader the state of that hash is copied, the rest of
the body follows, and what remains is one operation with the private key. Neither kind of signature draws lots: the same
mail has the same signature each time.
"""

from publisher.newsletter.mail.dkim.signing import SignedSkeleton, Signer, signed

__all__ = ["SignedSkeleton", "Signer", "signed"]
