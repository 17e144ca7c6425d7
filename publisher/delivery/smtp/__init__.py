"""Mail over SMTP and LMTP: what is said is decided without a socket, and what waits does so with deadlines."""
