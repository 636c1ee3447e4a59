package dev.tidemill.functions.gate;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Decides who is let through: whoever delivers to a word that is valid, and whoever has a token of a declared invoker. */
final class Judge {

    /** Before the word of a broker's delivery. */
    static final String DELIVER = "/_tidemill/deliver/";

    /** Who is named as the caller of a delivery. */
    static final String BROKER = "broker";

    private static final String BEARER = "bearer ";

    private final List<Settings.Callers> callers;
    private final Deliveries deliveries;
    private final Tokens tokens;

    Judge(Settings.Access access, Deliveries deliveries, Tokens tokens) {
        this.callers = access.callers();
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
        return tokens.verify(credential.substring(BEARER.length()).strip()).thenApply(proven -> switch (proven) {
            case Tokens.Proof.Subject proof when mayCall(proof) -> new Verdict.Admitted(proof.subject(), uri);
            case Tokens.Proof.Subject(var subject, var _) -> new Verdict.Forbidden(subject);
            case Tokens.Proof.Invalid(var why) -> new Verdict.Unauthenticated("invalid_token", why);
            case Tokens.Proof.Unknown(var why) -> new Verdict.Unavailable(why);
        });
    }

    private boolean mayCall(Tokens.Proof.Subject proof) {
        return callers.stream()
                .anyMatch(some -> proof.audiences().contains(some.audience())
                        && some.subjects().contains(proof.subject()));
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
