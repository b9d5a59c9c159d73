"""Engines in processes of their own, on Ray Serve: on this machine, or on a cluster.

Each checkpoint has one or more, on graphics cards where there are any; one that dies is started
again.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from aonet_core.engine.http.options import HOUSEKEEPING, ReplicaOptions, ServerOptions
from aonet_core.engine.on_ray.cluster import reach
from aonet_core.files import sweep_up, temporary_folder

APPLICATION = "aonet"
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_SERVE_LOG_TO_STDERR": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_worker_niceness": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
_log = logging.getLogger(__name__)


def serve(options: ServerOptions, housekeeping: Callable[[], object]) -> None:
    """Serve as `serve_forever` says."""
    stop = threading.Event()
    with _ray(options):
        # Ray sets handlers of its own as it starts.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        _deploy(options)
        _log.info("ready: %s", options.address)
        if not options.cluster:
            _log.info("Ray listens on ports of its own, at all of this machine's addresses")
        housekeeping()
        while not stop.wait(HOUSEKEEPING):
            housekeeping()
        _log.info("stopping")


@contextmanager
def _ray(options: ServerOptions) -> Iterator[None]:
    """Run Ray for as long as the block does; its files and its secret are gone afterwards."""
    os.environ.update({name: os.environ.get(name, value) for name, value in QUIET.items()})
    if not options.cluster and os.environ.get("RAY_AUTH_MODE", "token") == "token":
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_urlsafe(32)
    root = str(Path(__file__).resolve().parents[3])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    # Ray reads its secret from the environment as soon as it is imported.
    import ray
    from ray import serve

    sweep_up()
    with ExitStack() as files:
        if options.cluster:
            reach(options.cluster)
            ray.init(options.cluster, configure_logging=False)
        else:
            ray.init(
                "local",
                include_dashboard=False,
                configure_logging=False,
                _node_ip_address="127.0.0.1",
                _temp_dir=files.enter_context(temporary_folder("ray")),
                # Pictures on their way between processes stay in memory, whatever happens.
                _system_config={"automatic_object_spilling_enabled": False},
            )
        try:
            yield
        finally:
            serve.shutdown()
            ray.shutdown()


def _deploy(options: ServerOptions) -> None:
    import ray
    from ray import serve

    from aonet_core.engine.http.worker import Worker
    from aonet_core.engine.on_ray.gateway import RayGateway

    http = {"host": options.host, "port": options.port, "keep_alive_timeout_s": 65}
    if options.tls:
        http |= dict(zip(("ssl_certfile", "ssl_keyfile"), options.tls, strict=True))
    quiet = {"enable_access_log": False, "log_level": "WARNING"}
    serve.start(http_options=http, logging_config=quiet)
    cards = int(ray.cluster_resources().get("GPU", 0))
    deployment: Any = serve.deployment  # Ray declares another type where there are options
    engines = {
        name: deployment(
            Worker,
            name=f"engine {name}",
            ray_actor_options={"num_cpus": 0, "num_gpus": card_share(options, cards)},
            max_ongoing_requests=options.engine.slots,
            max_queued_requests=options.waiting,
            health_check_period_s=5,
            graceful_shutdown_timeout_s=5,
            **_scale(options, cards),
        ).bind(_engine_options(options, path, cards))
        for name, path in options.checkpoints.items()
    }
    gateway = deployment(
        serve.ingress(None)(RayGateway),
        name="gateway",
        ray_actor_options={"num_cpus": 0},
        max_ongoing_requests=10_000,
        graceful_shutdown_timeout_s=5,
    )
    long = options.engine.most_long * (options.replicas or max(1, cards))
    application = gateway.bind(replace(options.gateway, most_long=long), engines)
    try:
        serve.run(application, name=APPLICATION, route_prefix="/", logging_config=quiet)
    except RuntimeError as error:
        reason = [line for line in str(error).splitlines() if line.strip()][-1]
        raise OSError(f"an engine could not be started: {reason.strip()}") from error


def _scale(options: ServerOptions, cards: int) -> dict:
    """How many engines a checkpoint has."""
    if options.replicas or not cards:
        return {"num_replicas": options.replicas or 1}
    most = max(1, cards // len(options.checkpoints))
    limits = {"min_replicas": 1, "max_replicas": most}
    target = options.engine.slots // 2
    return {"autoscaling_config": limits | {"target_ongoing_requests": target}}


def card_share(options: ServerOptions, cards: int) -> float:
    """Share of a graphics card that an engine has to itself; below 1 where they are too few."""
    engines = len(options.checkpoints) * (options.replicas or 1)
    return min(1.0, int(10_000 * cards / engines) / 10_000)


def _engine_options(options: ServerOptions, path: str, cards: int) -> ReplicaOptions:
    """An engine's own; on the processor the engines share its threads."""
    engines = len(options.checkpoints) * (options.replicas or 1)
    threads = options.engine.threads or (0 if cards else max(1, (os.cpu_count() or 1) // engines))
    path = str(Path(path).resolve()) if Path(path).exists() else path
    return replace(options.engine, checkpoint=path, threads=threads)
