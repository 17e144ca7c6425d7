"""WebSub: telling a hub which feeds changed, so that their readers hear of it at once (https://www.w3.org/TR/websub/).

What is to be told is written down before anybody can see it (`remember`) and struck out once the hub took it (`send`):
a crash, or a hub that is away, only delays it until the next build.
"""

from publisher.websub.patience import Patience
from publisher.websub.pending import PINGS, remember, send

__all__ = ["PINGS", "Patience", "remember", "send"]
