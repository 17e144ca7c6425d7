"""How long a build waits for a hub."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a hub is waited for, in seconds, and what counts them."""

    #: For a connection, for its encryption, and for the hub's next byte.
    step: float = 5.0
    #: For one ping: looking up the name, redirects and an answer that drips included.
    ping: float = 10.0
    #: For all pings of a build, rests included.
    total: float = 30.0
    #: Before each further round over the topics that failed.
    rests: tuple[float, ...] = (1.0, 4.0)
    #: Counts seconds, from any beginning.
    clock: Callable[[], float] = time.monotonic
    #: Lets seconds pass.
    sleep: Callable[[float], None] = time.sleep
