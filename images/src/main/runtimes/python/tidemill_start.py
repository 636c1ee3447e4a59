"""Waits until the handler's code is there, which is when the bridge opens the Runtime API, and becomes AWS' own client."""
import os
import runpy
import socket
import sys
import time

host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].rsplit(":", 1)
while True:
    try:
        socket.create_connection((host, int(port))).close()
        break
    except OSError:
        time.sleep(0.02)
sys.path.insert(0, os.getcwd())  # as "python -m" does
runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
