"""Which parts of an issue which mail programs do not show, by the data of caniemail.com; see NOTICE."""

from publisher.check.clients.linter import ClientHit, degradations, hits, rules
from publisher.check.clients.support import DEFAULT, UnknownClient, chosen, known_clients, table

__all__ = ["DEFAULT", "ClientHit", "UnknownClient", "chosen", "degradations", "hits", "known_clients", "rules", "table"]
