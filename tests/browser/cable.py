"""A cable between the browser and the API that a test can cut: a relay of bytes that, while it is cut, swallows them.

Cut is silence, not a closed connection: what a console sees when a Wi-Fi point or a laptop's lid takes it away.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_CHUNK = 65_536


class Cable:
    """Listens on a port of its own and passes everything on to another one."""

    def __init__(self, to_port: int) -> None:
        """Start listening; `url` is where the browser goes."""
        self._to_port = to_port
        self._whole = threading.Event()
        self._whole.set()
        self._ended = False
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def cut(self) -> None:
        """Let nothing through from now on; nobody is told."""
        self._whole.clear()

    def mend(self) -> None:
        """Let new connections through; those that were cut are gone, as they would be."""
        self._close_all()
        self._whole.set()

    def end(self) -> None:
        """Stop listening and close everything."""
        self._ended = True
        self._whole.set()
        # Closing alone does not wake a thread that is waiting in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        self._close_all()

    def _close_all(self) -> None:
        with self._lock:
            open_now, self._open = self._open, []
        for each in open_now:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while not self._ended:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._to_port))
            except OSError:
                near.close()
                continue
            with self._lock:
                self._open += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()
        self._close_all()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(_CHUNK):
                if not self._whole.is_set():
                    return  # swallowed; both ends stay open, in silence
                target.sendall(chunk)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def cable(to_port: int) -> Iterator[Cable]:
    """Yield a cable to a port of this machine."""
    laid = Cable(to_port)
    try:
        yield laid
    finally:
        laid.end()
