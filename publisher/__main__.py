"""The program: `publisher`, and `python -m publisher`."""

import signal

# Until the command line is loaded, Ctrl-C would be told as a mistake of whatever module is just being read.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from publisher.cli import main

if __name__ == "__main__":
    main()
