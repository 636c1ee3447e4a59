import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.Executors;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;

/** Calls a function with and without the gate in front, in turn, by one client on one connection each. Called by benchmarks/gate. */
class Gate {

    private static final int WARM_UP = 5_000;
    private static final int CALLS = 5_000;

    public static void main(String[] args) throws Exception {
        var key = RsaJwkGenerator.generateJwk(2048);
        key.setKeyId("bench");
        var function = serve("/", "ok");
        var issuer = serve("/.well-known/openid-configuration", "{\"issuer\":\"https://issuer.example\"}");
        issuer.createContext("/openid/v1/jwks", call -> {
            byte[] keys = new JsonWebKeySet(key).toJson().getBytes();
            call.sendResponseHeaders(200, keys.length);
            call.getResponseBody().write(keys);
            call.close();
        });
        var gate = new ProcessBuilder(System.getProperty("java.home") + "/bin/java", "-XX:+UseSerialGC", "-cp", args[0], "dev.tidemill.functions.gate.Main")
                .redirectErrorStream(true);
        gate.environment().put("PORT", "0");
        gate.environment()
                .put("TIDEMILL_GATE", "{\"function\":%d,\"audience\":\"bench\",\"invokers\":[\"caller\"],\"keys\":\"http://127.0.0.1:%d\"}"
                        .formatted(function.getAddress().getPort(), issuer.getAddress().getPort()));
        Process process = gate.start();
        try (var log = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
            String line = log.readLine();
            while (line != null && !line.contains("listens on port")) {
                line = log.readLine();
            }
            int port = Integer.parseInt(String.valueOf(line).replaceFirst(".*port (\\d+),.*", "$1"));
            measure(function.getAddress().getPort(), port, token(key));
        } finally {
            process.destroy();
            function.stop(0);
            issuer.stop(0);
        }
    }

    private static void measure(int direct, int gated, String token) throws Exception {
        try (var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            run(http, direct, token, WARM_UP);
            run(http, gated, token, WARM_UP);
            System.out.println("round  without gate p50  with gate p50  added p50  added p99   ratio");
            for (int round = 1; round <= 5; round++) {
                long[] without = run(http, direct, token, CALLS);
                long[] with = run(http, gated, token, CALLS);
                double a = without[CALLS / 2] / 1e6;
                double b = with[CALLS / 2] / 1e6;
                System.out.printf(
                        "%5d  %13.3f ms  %10.3f ms  %6.3f ms  %6.3f ms  %6.2f%n",
                        round, a, b, b - a, (with[CALLS * 99 / 100] - without[CALLS * 99 / 100]) / 1e6, b / a);
            }
        }
    }

    private static long[] run(HttpClient http, int port, String token, int calls) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                .header("Authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.ofString("{\"x\": 1}"))
                .build();
        long[] times = new long[calls];
        for (int i = 0; i < calls; i++) {
            long start = System.nanoTime();
            var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            times[i] = System.nanoTime() - start;
            if (answer.statusCode() != 200 || !answer.body().equals("ok")) {
                throw new IllegalStateException(answer.statusCode() + " " + answer.body());
            }
        }
        Arrays.sort(times);
        return times;
    }

    private static HttpServer serve(String path, String answer) throws Exception {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newFixedThreadPool(2));
        server.createContext(path, call -> {
            call.getRequestBody().readAllBytes();
            byte[] body = answer.getBytes();
            call.sendResponseHeaders(200, body.length);
            call.getResponseBody().write(body);
            call.close();
        });
        server.start();
        return server;
    }

    private static String token(org.jose4j.jwk.RsaJsonWebKey key) throws Exception {
        var claims = new JwtClaims();
        claims.setIssuer("https://issuer.example");
        claims.setAudience("bench");
        claims.setSubject("caller");
        claims.setExpirationTime(NumericDate.fromSeconds(Instant.now().getEpochSecond() + 3600));
        var token = new JsonWebSignature();
        token.setPayload(claims.toJson());
        token.setAlgorithmHeaderValue("RS256");
        token.setKeyIdHeaderValue("bench");
        token.setKey(key.getPrivateKey());
        return token.getCompactSerialization();
    }
}
