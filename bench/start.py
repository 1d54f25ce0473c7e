"""Starts, and what an idle server holds."""
import os

from bench import BUILD, Server, memory, row, seconds_until_ready, table


def start():
    table("Start and size", "what", "figure", "target")
    with Server() as server:
        server.stop()
        row("start on an existing database → ready", f"{seconds_until_ready(server):.3f} s", "< 0.1 s")
        row("resident memory, idle", f"{memory(server.process.pid):.0f} MiB", "< 30 MiB")
        row("binary", f"{os.path.getsize(BUILD / 'godwit') / 2**20:.1f} MiB", "")
    server = Server()
    try:
        row("first start, empty database → ready", f"{seconds_until_ready(server, 'start-from-init'):.3f} s", "")
    finally:
        server.__exit__(None)
