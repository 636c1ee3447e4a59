package dev.tidemill.functions.gate;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.ErrorCodeValidator;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * Verifies tokens of service accounts (RFC 7519, RFC 8725): signed by a published key with an algorithm for signatures by key pairs, by
 * this issuer, for this function, and not yet expired.
 */
final class Tokens {

    /** What API servers sign with; above all neither {@code none} nor a shared secret. */
    private static final AlgorithmConstraints SIGNED = new AlgorithmConstraints(
            ConstraintType.PERMIT,
            AlgorithmIdentifiers.RSA_USING_SHA256,
            AlgorithmIdentifiers.RSA_USING_SHA384,
            AlgorithmIdentifiers.RSA_USING_SHA512,
            AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256,
            AlgorithmIdentifiers.ECDSA_USING_P384_CURVE_AND_SHA384,
            AlgorithmIdentifiers.ECDSA_USING_P521_CURVE_AND_SHA512);

    /** Clocks of nodes differ by so much. */
    private static final int LEEWAY_SECONDS = 10;

    /** How long a token that was verified is believed without looking again; a key that is withdrawn counts for so much longer. */
    private static final Duration BELIEVED = Duration.ofMinutes(1);

    private static final int MOST_BELIEVED = 1024;

    private final String[] audiences;
    private final Keys keys;
    private final Clock clock;
    private final Map<String, Believed> believed = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Believed> eldest) {
            return size() > MOST_BELIEVED;
        }
    };

    private record Believed(Proof.Subject subject, Instant until) {}

    /** What a token proves. */
    sealed interface Proof {
        /** Who has it, and for whom it is. */
        record Subject(String subject, List<String> audiences) implements Proof {}

        /** Nothing. */
        record Invalid(String why) implements Proof {}

        /** It cannot be said. */
        record Unknown(String why) implements Proof {}
    }

    /** @param audiences one of which a token must be for */
    Tokens(Collection<String> audiences, Keys keys, Clock clock) {
        this.audiences = audiences.toArray(String[]::new);
        this.keys = keys;
        this.clock = clock;
    }

    CompletableFuture<Proof> verify(String token) {
        Believed known = lookUp(token);
        if (known != null && known.until().isAfter(clock.instant())) {
            return CompletableFuture.completedFuture(known.subject());
        }
        String keyId;
        try {
            // Only a hint as to which key to look for: nothing in it is believed yet.
            var unverified = new JsonWebSignature();
            unverified.setCompactSerialization(token);
            keyId = unverified.getKeyIdHeaderValue();
        } catch (JoseException e) {
            return CompletableFuture.completedFuture(new Proof.Invalid("this is no token"));
        }
        return keys.having(keyId)
                .<Proof>thenApply(published -> verify(token, published))
                .exceptionally(
                        e -> new Proof.Unknown("the keys of the cluster are out of reach: " + cause(e).getMessage()));
    }

    private Proof verify(String token, Keys.Published published) {
        var consumer = new JwtConsumerBuilder()
                .setJwsAlgorithmConstraints(SIGNED)
                .setVerificationKeyResolver(new JwksVerificationKeyResolver(published.keys()))
                .setExpectedIssuer(published.issuer())
                .setExpectedAudience(audiences)
                .setRequireSubject()
                .setRequireExpirationTime()
                .setEvaluationTime(NumericDate.fromMilliseconds(clock.millis()))
                .setAllowedClockSkewInSeconds(LEEWAY_SECONDS)
                .build();
        try {
            var claims = consumer.processToClaims(token);
            var subject = new Proof.Subject(claims.getSubject(), List.copyOf(claims.getAudience()));
            Instant expiry = Instant.ofEpochSecond(claims.getExpirationTime().getValue());
            Instant soon = clock.instant().plus(BELIEVED);
            believe(token, new Believed(subject, expiry.isBefore(soon) ? expiry : soon));
            return subject;
        } catch (InvalidJwtException e) {
            return new Proof.Invalid(reason(e));
        } catch (MalformedClaimException e) {
            return new Proof.Invalid("a claim is malformed");
        }
    }

    /** In our own words: the library's quote the token. */
    private static String reason(InvalidJwtException e) {
        return e.getErrorDetails().stream()
                .map(ErrorCodeValidator.Error::getErrorCode)
                .map(code -> switch (code) {
                    case ErrorCodes.EXPIRED -> "the token has expired";
                    case ErrorCodes.NOT_YET_VALID -> "the token is not valid yet";
                    case ErrorCodes.AUDIENCE_INVALID, ErrorCodes.AUDIENCE_MISSING ->
                        "the token is for another audience";
                    case ErrorCodes.ISSUER_INVALID, ErrorCodes.ISSUER_MISSING -> "the token is of another issuer";
                    case ErrorCodes.SUBJECT_MISSING -> "the token names nobody";
                    case ErrorCodes.EXPIRATION_MISSING -> "the token never expires";
                    default -> "the token is not signed by a key of this cluster";
                })
                .findFirst()
                .orElse("the token is not valid");
    }

    private static Throwable cause(Throwable e) {
        return e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    }

    private @Nullable Believed lookUp(String token) {
        synchronized (believed) {
            return believed.get(token);
        }
    }

    private void believe(String token, Believed what) {
        synchronized (believed) {
            believed.put(token, what);
        }
    }
}
