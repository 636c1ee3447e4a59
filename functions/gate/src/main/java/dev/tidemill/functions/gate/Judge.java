package dev.tidemill.functions.gate;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Decides who is let through: whoever delivers to a word that is valid, and whoever has a token of a declared invoker. */
final class Judge implements Door {

    /** Before the word of a broker's delivery. */
    static final String DELIVER = "/_tidemill/deliver/";

    /** Before the name of an event whose data is looked at, and the address that it would have otherwise. */
    static final String MATCHING = "/_tidemill/matching/";

    /** Who is named as the caller of a delivery. */
    static final String BROKER = "broker";

    /** Who is named as the caller of a probe. */
    private static final String PROBE = "probe";

    private static final String BEARER = "bearer ";

    private final List<Settings.Callers> callers;
    private final Deliveries deliveries;
    private final Tokens tokens;
    private final Map<String, Map<String, JsonNode>> details;
    private final FunctionConnections function;
    private final @Nullable String ready;

    Judge(Settings.Access access, Deliveries deliveries, Tokens tokens, FunctionConnections function) {
        this.callers = access.callers();
        this.details = access.details();
        this.deliveries = deliveries;
        this.tokens = tokens;
        this.function = function;
        this.ready = access.ready();
    }

    @Override
    public CompletionStage<Verdict> judge(HttpRequest request) {
        String uri = request.uri();
        if (!uri.startsWith(MATCHING)) {
            return judge(request, uri);
        }
        int end = uri.indexOf('/', MATCHING.length());
        var detail = details.get(uri.substring(MATCHING.length(), end < 0 ? uri.length() : end));
        return judge(request, end < 0 ? "/" : uri.substring(end)).thenApply(verdict -> switch (verdict) {
            case Verdict.Admitted _ when detail == null -> new Verdict.NoSuchEvent();
            case Verdict.Admitted admitted -> new Verdict.Admitted(admitted.request(), admitted.function(), detail);
            default -> verdict;
        });
    }

    private CompletionStage<Verdict> judge(HttpRequest request, String uri) {
        if (uri.startsWith(DELIVER)) {
            return CompletableFuture.completedFuture(delivery(request, uri.substring(DELIVER.length())));
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
            case Tokens.Proof.Subject proof when mayCall(proof) -> admit(request, proof.subject(), uri);
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

    @Override
    public Verdict probe(HttpRequest head) {
        return ready == null ? new Verdict.Connecting(function) : admit(head, PROBE, ready);
    }

    /** The function learns who is calling, and neither token nor word. */
    private Verdict.Admitted admit(HttpRequest request, String caller, String uri) {
        var passed = Hop.copy(request, uri);
        Hop.identify(passed.headers(), caller);
        return new Verdict.Admitted(passed, function);
    }

    private Verdict delivery(HttpRequest request, String rest) {
        int end = 0;
        while (end < rest.length() && rest.charAt(end) != '/' && rest.charAt(end) != '?') {
            end++;
        }
        if (!deliveries.opens(rest.substring(0, end))) {
            return new Verdict.Unauthenticated("invalid_request", "this is no address for deliveries, or no longer");
        }
        String behind = rest.substring(end);
        return admit(request, BROKER, behind.startsWith("/") ? behind : "/" + behind);
    }

    private static CompletionStage<Verdict> unauthenticated(String error, String why) {
        return CompletableFuture.completedFuture(new Verdict.Unauthenticated(error, why));
    }
}
