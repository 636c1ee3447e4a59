import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * So many clients that each send the same request again and again over a connection of their own, HTTP/1.1 with keep-alive:
 * {@code java Load.java PORT PATH BODYFILE CLIENTS SECONDS [RATE]}, at
 * most RATE requests a second together. Prints requests per second and the 50th and 99th percentile of a request in
 * microseconds as JSON. A reply other than 200 ends it.
 */
final class Load {

    private Load() {}

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        byte[] body = Files.readAllBytes(Path.of(args[2]));
        byte[] head = "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                .formatted(args[1], body.length)
                .getBytes(StandardCharsets.US_ASCII);
        byte[] request = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        long begin = System.nanoTime();
        long end = begin + (long) (Double.parseDouble(args[4]) * 1e9);
        List<Client> clients = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[3]); i++) {
            long pause = args.length < 6 ? 0 : (long) (1e9 * Integer.parseInt(args[3]) / Double.parseDouble(args[5]));
            Client client = new Client(port, request, end, pause);
            clients.add(client);
            threads.add(Thread.ofPlatform().start(client));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        long[] all = clients.stream().flatMapToLong(client -> Arrays.stream(client.times, 0, client.count)).sorted().toArray();
        if (clients.stream().anyMatch(client -> client.failed)) {
            System.exit(1);
        }
        System.out.printf("{\"rps\": %.0f, \"p50_us\": %d, \"p99_us\": %d}%n",
                all.length / seconds, all[all.length / 2] / 1000, all[(int) (all.length * 0.99)] / 1000);
    }

    private static final class Client implements Runnable {
        private final int port;
        private final byte[] request;
        private final long end;
        private final long pause;
        private long[] times = new long[1 << 16];
        private int count;
        private volatile boolean failed;

        /** @param pause from the beginning of a request to that of the next, in nanoseconds */
        Client(int port, byte[] request, long end, long pause) {
            this.pause = pause;
            this.port = port;
            this.request = request;
            this.end = end;
        }

        @Override
        public void run() {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                socket.setTcpNoDelay(true);
                OutputStream out = socket.getOutputStream();
                BufferedInputStream in = new BufferedInputStream(socket.getInputStream());
                for (long now = System.nanoTime(); now < end; ) {
                    out.write(request);
                    reply(in);
                    long then = System.nanoTime();
                    if (count == times.length) {
                        times = Arrays.copyOf(times, 2 * count);
                    }
                    times[count++] = then - now;
                    for (long next = now + pause; then < next; then = System.nanoTime()) {
                        LockSupport.parkNanos(next - then);
                    }
                    now = then;
                }
            } catch (IOException e) {
                failed = true;
                System.err.println(e);
            }
        }

        private static void reply(BufferedInputStream in) throws IOException {
            String status = line(in);
            if (!status.startsWith("HTTP/1.1 200")) {
                throw new IOException(status);
            }
            int length = -1;
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                    length = Integer.parseInt(line.substring(15).strip());
                }
            }
            in.skipNBytes(length);
        }

        private static String line(BufferedInputStream in) throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new IOException("the server hung up");
                }
                if (c != '\r') {
                    line.append((char) c);
                }
            }
            return line.toString();
        }
    }
}
