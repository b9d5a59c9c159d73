"""How an engine server is set up; importing this starts and loads nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

HOUSEKEEPING = 3600.0
"""Seconds between two looks for galleries that have been kept long enough."""


@dataclass(frozen=True)
class ReplicaOptions:
    """How an engine is set up.

    Attributes:
        checkpoint: Shipped name or path.
        samples: Folder of the synthetic set; None for the shipped one.
        galleries: Folder of galleries; None for the usual one.
        folders: Folders of this machine that callers may name, with what lies in them.
        slots: Requests at a time.
        threads: Of the processor for the network; 0 for the library's choice.
    """

    checkpoint: str
    samples: str | None = None
    galleries: str | None = None
    folders: tuple[str, ...] = ()
    slots: int = 32
    threads: int = 0

    @property
    def most_long(self) -> int:
        """Requests at a time that may take minutes; the others' places stay free."""
        return max(1, self.slots // 2)


@dataclass(frozen=True)
class GatewayOptions:
    """What the gateway allows.

    Attributes:
        token: Bearer token of callers; "" for none.
        most_bytes: Of a request.
        seconds: That an answer may take, where it tells no progress.
        stream_seconds: The same where it does.
        most_long: Requests at a time and checkpoint that may take minutes.
    """

    token: str = ""
    most_bytes: int = 256 << 20
    seconds: float = 120.0
    stream_seconds: float = 7200.0
    most_long: int = 16


@dataclass(frozen=True)
class ServerOptions:
    """How a server is set up.

    Attributes:
        checkpoints: Shipped names or paths, by the name that callers use.
        host: Address that is listened at.
        port: TCP port.
        replicas: Engines for each checkpoint; None for one a graphics card, started as they are
            needed, or one on a machine without.
        engine: Of every engine; its checkpoint is filled in.
        gateway: What callers may do.
        waiting: Requests that may wait for the engines of a checkpoint.
        cluster: Address of a Ray cluster; "" for this machine alone.
        tls: Files of a certificate and its key, for HTTPS.
        on_ray: Have engines in processes of their own even where one is enough.
    """

    checkpoints: Mapping[str, str]
    host: str = "127.0.0.1"
    port: int = 8700
    replicas: int | None = None
    engine: ReplicaOptions = field(default_factory=lambda: ReplicaOptions("default"))
    gateway: GatewayOptions = field(default_factory=GatewayOptions)
    waiting: int = 64
    cluster: str = ""
    tls: tuple[str, str] | None = None
    on_ray: bool = False

    @property
    def address(self) -> str:
        """What it offers, and where."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        scheme = "https" if self.tls else "http"
        return f"{', '.join(self.checkpoints)} at {scheme}://{host}:{self.port}"
