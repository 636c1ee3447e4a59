package dev.tidemill.operator.events;

import dev.tidemill.operator.OperatorConfig;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * By what a broker knows the operator where Knative Eventing shows tokens ({@code authentication-oidc}): tokens of the operator's own
 * service account, each for one audience and an hour, asked of the API server and used until a quarter of an hour before they expire.
 */
public final class SenderTokens {

    private static final String ACCOUNT = "tidemill-operator";
    private static final Duration LIFE = Duration.ofHours(1);
    private static final Duration MARGIN = Duration.ofMinutes(15);

    private final KubernetesClient client;
    private final String namespace;
    private final Clock clock;
    private final Map<String, Token> tokens = new ConcurrentHashMap<>();

    private record Token(String text, Instant renewAt) {}

    public SenderTokens(KubernetesClient client, OperatorConfig config, Clock clock) {
        this.client = client;
        this.namespace = config.namespace();
        this.clock = clock;
    }

    /** Whom tokens of a namespace's operator name. */
    static String subject(String namespace) {
        return "system:serviceaccount:" + namespace + ":" + ACCOUNT;
    }

    String of(String audience) {
        var now = Instant.now(clock);
        return tokens.compute(
                        audience,
                        (_, before) -> before != null && now.isBefore(before.renewAt) ? before : ask(audience))
                .text;
    }

    private Token ask(String audience) {
        var answer = client.serviceAccounts()
                .inNamespace(namespace)
                .withName(ACCOUNT)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .addToAudiences(audience)
                        .withExpirationSeconds(LIFE.toSeconds())
                        .endSpec()
                        .build());
        var status = answer.getStatus();
        return new Token(
                status.getToken(),
                Instant.parse(status.getExpirationTimestamp()).minus(MARGIN));
    }
}
