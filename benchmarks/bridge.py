"""Calls one handler in four ways, in turn. Called by benchmarks/bridge."""

import http.client
import json
import os
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

APP, JAVA = os.path.abspath(sys.argv[1]), sys.argv[2]
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 5
WARM_UP, CALLS = 500, 2_000
EVENT = json.dumps({"rows": [[i, i * 0.5] for i in range(20)]}).encode()

HANDLER = """
def handler(event, context):
    return {"mean": sum(row[1] for row in event["rows"]) / len(event["rows"])}
"""

SERVER = """
import http.server, json, socket, handler
class Call(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(handler.handler(event, None)).encode()
        self.wfile.write(b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
    def log_message(self, *_):
        pass
    def setup(self):
        super().setup()
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
server = http.server.HTTPServer(("127.0.0.1", 0), Call)
print(server.server_port, flush=True)
server.serve_forever()
"""


def call(port, path, connection=None):
    """One call by HTTP; the connection is kept."""
    if connection is None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.request("POST", path, EVENT, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200 and json.loads(body) == {"mean": 4.75}, (answer.status, body)
    return connection


class Server:
    """The function behind the least HTTP server that Python has."""

    def __init__(self, folder):
        self.process = subprocess.Popen([sys.executable, "-c", SERVER], cwd=folder, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.connection = call(self.port, "/")

    def __call__(self):
        call(self.port, "/", self.connection)

    def close(self):
        self.process.kill()
        self.process.wait()


class Bridge:
    """AWS' client behind the bridge."""

    def __init__(self, folder):
        command = [sys.executable, "-m", "awslambdaric", "handler.handler"]
        environment = dict(os.environ, PORT="0", TIDEMILL_LAMBDA_API_PORTS="0", TIDEMILL_LAMBDA_COMMAND=json.dumps(command))
        options = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        self.process = subprocess.Popen(
            [JAVA, *options, "-cp", f"{APP}/tidemill-lambda.jar:{APP}/lib/*", "dev.tidemill.functions.lambda.Main"],
            cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
        line = next((line for line in self.process.stderr if "listens on port" in line), None)
        assert line, "the bridge does not start"
        self.port = int(line.split()[-1])
        threading.Thread(target=lambda: [None for _ in self.process.stderr], daemon=True).start()
        self.connection = call(self.port, "/2015-03-31/functions/f/invocations")

    def __call__(self):
        call(self.port, "/2015-03-31/functions/f/invocations", self.connection)

    def close(self):
        self.process.terminate()
        self.process.wait()


class Client:
    """AWS' client alone: this process gives it an event and takes its answer, with nothing between."""

    def __init__(self, folder):
        self.listener = socket.create_server(("127.0.0.1", 0))
        api = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", "handler.handler"], cwd=folder, env=dict(os.environ, AWS_LAMBDA_RUNTIME_API=api))
        self.connections = []
        self.asking = self.request("GET")[0]
        self()

    def __call__(self):
        self.asking.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: 1\r\n"
            b"Lambda-Runtime-Deadline-Ms: 9999999999999\r\nLambda-Runtime-Invoked-Function-Arn: a\r\n"
            b"Content-Length: %d\r\n\r\n" % len(EVENT) + EVENT)
        answering, body = self.request("POST")
        assert json.loads(body) == {"mean": 4.75}, body
        self.answered = time.perf_counter()
        answering.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        self.asking = self.request("GET")[0]

    def request(self, method):
        """The next request and its connection, whichever it uses."""
        while True:
            ready = select.select([self.listener, *self.connections], [], [])[0][0]
            if ready is self.listener:
                fresh = self.listener.accept()[0]
                fresh.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections.append(fresh)
                continue
            data = ready.recv(1 << 16)
            if not data:
                self.connections.remove(ready)
                continue
            while b"\r\n\r\n" not in data:
                data += ready.recv(1 << 16)
            head, body = data.split(b"\r\n\r\n", 1)
            length = next((int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length")), 0)
            while len(body) < length:
                body += ready.recv(1 << 16)
            assert head.startswith(method.encode()), head
            return ready, body

    def close(self):
        self.process.kill()
        self.process.wait()


def warm(way, times):
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        way()
        # Of the client alone, its way back to the next request is no part of the call.
        taken.append(getattr(way, "answered", None) or time.perf_counter())
        taken[-1] -= begun
    return statistics.median(taken) * 1e3


def main():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "handler.py"), "w") as file:
            file.write(HANDLER)
        print(f"load {os.getloadavg()[0]:.1f}")
        print("warm, medians of %d calls in ms" % CALLS)
        print("round  http.server  client alone  bridge  added to the client  bridge/client  bridge/http.server")
        ways = [Server(folder), Client(folder), Bridge(folder)]
        for way in ways:
            warm(way, WARM_UP)
        for n in range(1, ROUNDS + 1):
            server, client, bridge = (warm(way, CALLS) for way in ways)
            print(f"{n:5}  {server:11.3f}  {client:12.3f}  {bridge:6.3f}  {bridge - client:19.3f}"
                  f"  {bridge / client:13.2f}  {bridge / server:18.2f}", flush=True)
        for way in ways:
            way.close()
        print("cold, from the start of the processes to the first answer, s")
        for n in range(1, ROUNDS + 1):
            seconds = []
            for kind in (Server, Client, Bridge):
                begun = time.perf_counter()
                way = kind(folder)
                seconds.append(time.perf_counter() - begun)
                way.close()
            server, client, bridge = seconds
            print(f"{n:5}  {server:11.3f}  {client:12.3f}  {bridge:6.3f}  {bridge - client:19.3f}"
                  f"  {bridge / client:13.2f}  {bridge / server:18.2f}", flush=True)
        print(f"load {os.getloadavg()[0]:.1f}")


main()
