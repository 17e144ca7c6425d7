"""A job for trying the harness itself: rows that are announced once they are committed."""

import socket
import sqlite3
from pathlib import Path


def insert(folder: str, port: int, journal: str, synchronous: str, rows: int = 6) -> None:
    """Write rows, each in a transaction of its own, and say so to a socket behind each commit."""
    with socket.create_connection(("127.0.0.1", port)) as announced:
        connection = sqlite3.connect(Path(folder) / "rows.db", isolation_level=None)
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        for row in range(rows):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO rows VALUES (?, ?)", (row, "x" * 3000))
            connection.execute("COMMIT")
            announced.sendall(b"row %d\n" % row)
        connection.close()
