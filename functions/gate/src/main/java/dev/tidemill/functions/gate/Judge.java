package dev.tidemill.functions.gate;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Decides who is let through: whoever delivers to a word that is valid, and whoever has a token of a declared invoker. */
final class Judge {

    /** Before the word of a broker's delivery. */
    static final String DELIVER = "/_tidemill/deliver/";

    /** Who is named as the caller of a delivery. */
    static final String BROKER = "broker";

    private static final String BEARER = "bearer ";

    private final Set<String> invokers;
    private final Deliveries deliveries;
    private final Tokens tokens;

    Judge(Settings.Access access, Deliveries deliveries, Tokens tokens) {
        this.invokers = Set.copyOf(access.invokers());
        this.deliveries = deliveries;
        this.tokens = tokens;
    }

    CompletionStage<Verdict> judge(HttpRequest request) {
        String uri = request.uri();
        if (uri.startsWith(DELIVER)) {
            return CompletableFuture.completedFuture(delivery(uri.substring(DELIVER.length())));
        }
        List<String> given = request.headers().getAll(HttpHeaderNames.AUTHORIZATION);
        if (given.isEmpty()) {
            return unauthenticated("", "a bearer token is needed");
        }
        String credential = given.getFirst();
        if (given.size() > 1 || !credential.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
            return unauthenticated("invalid_request", "exactly one credential, a bearer token, is needed");
        }
        return tokens.verify(credential.substring(BEARER.length()).strip()).thenApply(proof -> switch (proof) {
            case Tokens.Proof.Subject(var subject)
            when invokers.contains(subject) -> new Verdict.Admitted(subject, uri);
            case Tokens.Proof.Subject(var subject) -> new Verdict.Forbidden(subject);
            case Tokens.Proof.Invalid(var why) -> new Verdict.Unauthenticated("invalid_token", why);
            case Tokens.Proof.Unknown(var why) -> new Verdict.Unavailable(why);
        });
    }

    private Verdict delivery(String rest) {
        int end = 0;
        while (end < rest.length() && rest.charAt(end) != '/' && rest.charAt(end) != '?') {
            end++;
        }
        if (!deliveries.opens(rest.substring(0, end))) {
            return new Verdict.Unauthenticated("invalid_request", "this is no address for deliveries, or no longer");
        }
        String behind = rest.substring(end);
        return new Verdict.Admitted(BROKER, behind.startsWith("/") ? behind : "/" + behind);
    }

    private static CompletionStage<Verdict> unauthenticated(String error, String why) {
        return CompletableFuture.completedFuture(new Verdict.Unauthenticated(error, why));
    }
}
