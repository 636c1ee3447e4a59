package dev.tidemill.images;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** The gate verifies a token and lets its bearer through to a function: this is the issuer of the one and the other. */
final class Admitting implements Lesson {

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final KeyPair keys = keys();
    private final HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);

    Admitting() throws IOException {
        server.createContext("/", exchange -> send(exchange, "{}"));
        server.createContext(
                "/.well-known/openid-configuration", exchange -> send(exchange, "{\"issuer\": \"images\"}"));
        server.createContext("/openid/v1/jwks", exchange -> send(exchange, published()));
        server.start();
    }

    @Override
    public Map<String, String> environment() {
        var port = server.getAddress().getPort();
        return Map.of("TIDEMILL_GATE", """
                {"function": %d, "keys": "http://127.0.0.1:%d", "callers": [{"audience": "images", "subjects": ["images"]}]}""".formatted(port, port));
    }

    @Override
    public List<HttpRequest> questions(URI program) {
        var now = Instant.now().getEpochSecond();
        var claims = """
                {"iss": "images", "aud": "images", "sub": "images", "iat": %d, "nbf": %d, "exp": %d}""".formatted(now, now, now + 600);
        var signed = encoded("{\"alg\": \"RS256\", \"kid\": \"1\"}") + "." + encoded(claims);
        return List.of(HttpRequest.newBuilder(program)
                .header("Authorization", "Bearer " + signed + "." + signature(signed))
                .POST(BodyPublishers.ofString("{}"))
                .build());
    }

    private static void send(HttpExchange exchange, String json) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            var body = json.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private String published() {
        var key = (RSAPublicKey) keys.getPublic();
        return "{\"keys\": [{\"kty\": \"RSA\", \"kid\": \"1\", \"alg\": \"RS256\", \"n\": \"%s\", \"e\": \"%s\"}]}"
                .formatted(encoded(key.getModulus()), encoded(key.getPublicExponent()));
    }

    private static String encoded(String json) {
        return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    /** Without the octet that says only that the number is positive (RFC 7518, section 6.3.1.1). */
    private static String encoded(BigInteger number) {
        var octets = number.toByteArray();
        var sign = octets[0] == 0 ? 1 : 0;
        return BASE64.encodeToString(Arrays.copyOfRange(octets, sign, octets.length));
    }

    private String signature(String text) {
        try {
            var signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(keys.getPrivate());
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return BASE64.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA256withRSA", e);
        }
    }

    private static KeyPair keys() {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2_048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has RSA", e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
