"""The console's flows (tests/console/*.mjs): programs that walk through its pages in Debian's Chromium."""
import contextlib
import os
import socket
import subprocess

from vitae import ROOT

CORPUS = os.path.join(ROOT, "tests", "corpus")


def free_port():
    """For a server that comes back at the same address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def running_flow(server, name, *arguments):
    """tests/console/NAME.mjs in Chromium against the server, for what happens to that meanwhile; then waits for its end, and fails
    with what it tells."""
    screens = os.environ.get("VITAE_SCREENS", "")
    flow = subprocess.Popen(["node", os.path.join(ROOT, "tests", "console", f"{name}.mjs"), server.base, screens, *arguments],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield flow
        said, _ = flow.communicate(timeout=300)
        assert flow.returncode == 0, said
    finally:
        flow.terminate()
        flow.wait()


def run_flow(server, name, *arguments):
    with running_flow(server, name, *arguments):
        pass
