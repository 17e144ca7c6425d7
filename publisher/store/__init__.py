"""What is kept of subscriptions and deliveries: tables, the database, its migrations, its keys."""

from publisher.store.batch import Batch
from publisher.store.engine import Store
from publisher.store.errors import StoreDamaged, StoreError, StoreFull, StoreLocked, StoreMissing, StoreNewer
from publisher.store.opening import open_store

__all__ = [
    "Batch",
    "Store",
    "StoreDamaged",
    "StoreError",
    "StoreFull",
    "StoreLocked",
    "StoreMissing",
    "StoreNewer",
    "open_store",
]
