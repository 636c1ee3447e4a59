// Waits until the handler's code is there, which is when the bridge opens the Runtime API, and becomes AWS' own client.
import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const isOpen = () =>
  new Promise((resolve) => {
    const socket = net.connect(Number(port), host);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
while (!(await isOpen())) {
  await pause(20);
}
await import("aws-lambda-ric/bin/index.mjs");
