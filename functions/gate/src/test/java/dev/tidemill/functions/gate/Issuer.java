package dev.tidemill.functions.gate;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.lang.JoseException;

/** Publishes keys and signs tokens, as an API server does. */
final class Issuer implements AutoCloseable {

    static final String NAME = "https://kubernetes.default.svc.cluster.local";
    static final String AUDIENCE = "http://mean.lab.svc.cluster.local";
    static final String PIPELINE = "system:serviceaccount:lab:pipeline";

    final AtomicInteger asked = new AtomicInteger();
    private final HttpServer server;
    private final TestClock clock;
    private RsaJsonWebKey key;
    volatile boolean down;

    Issuer(TestClock clock) throws IOException, JoseException {
        this.clock = clock;
        key = newKey();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        serve("/.well-known/openid-configuration", () -> "{\"issuer\":\"" + NAME + "\"}");
        serve("/openid/v1/jwks", () -> {
            asked.incrementAndGet();
            return new JsonWebKeySet(key).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
        });
        server.start();
    }

    private interface Body {
        String get();
    }

    private void serve(String path, Body body) {
        server.createContext(path, call -> {
            byte[] answer = body.get().getBytes(StandardCharsets.UTF_8);
            call.sendResponseHeaders(down ? 500 : 200, answer.length);
            call.getResponseBody().write(answer);
            call.close();
        });
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    static RsaJsonWebKey newKey() throws JoseException {
        RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
        key.setKeyId(UUID.randomUUID().toString());
        return key;
    }

    RsaJsonWebKey key() {
        return key;
    }

    /** From now on it signs with another key, and publishes that one only. */
    void rotate() throws JoseException {
        key = newKey();
    }

    /** A token that is right in everything. */
    String token() throws JoseException {
        return token(_ -> {});
    }

    String token(Consumer<JwtClaims> change) throws JoseException {
        return sign(change, key, key.getKeyId());
    }

    String sign(Consumer<JwtClaims> change, RsaJsonWebKey by, String keyId) throws JoseException {
        JsonWebSignature token = unsigned(change);
        token.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);
        token.setKey(by.getPrivateKey());
        token.setKeyIdHeaderValue(keyId);
        return token.getCompactSerialization();
    }

    JsonWebSignature unsigned(Consumer<JwtClaims> change) {
        var claims = new JwtClaims();
        claims.setIssuer(NAME);
        claims.setAudience(AUDIENCE);
        claims.setSubject(PIPELINE);
        claims.setIssuedAt(at(-600));
        claims.setNotBefore(at(-600));
        claims.setExpirationTime(at(600));
        change.accept(claims);
        var token = new JsonWebSignature();
        token.setPayload(claims.toJson());
        return token;
    }

    /** So many seconds from now. */
    NumericDate at(long seconds) {
        return NumericDate.fromSeconds(clock.instant().getEpochSecond() + seconds);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
