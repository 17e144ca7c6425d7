"""What is published: ids, order, and the lock that remembers what readers were promised."""

from publisher.catalogue.catalogue import Catalogue, compile_catalogue
from publisher.catalogue.lock import LOCK_NAME, Lock
from publisher.catalogue.withdrawal import Confirmed, Remembered

__all__ = ["LOCK_NAME", "Catalogue", "Confirmed", "Lock", "Remembered", "compile_catalogue"]
