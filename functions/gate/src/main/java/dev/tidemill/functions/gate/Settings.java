package dev.tidemill.functions.gate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemill.api.Json;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the gate is told by its environment.
 *
 * @param port where callers come in; 0 for any
 * @param access who they may be
 */
record Settings(int port, Access access) {

    /** The variable that holds {@link Access} as JSON. */
    static final String VARIABLE = "TIDEMILL_GATE";

    /**
     * Who may call which function.
     *
     * @param function the port of the function, in the same pod
     * @param callers who may call with a token
     * @param keys where the issuer and its keys are published: the API server, below which are {@code
     *     /.well-known/openid-configuration} and {@code /openid/v1/jwks}
     * @param ca certificates by which that address is known, PEM; null for the JDK's own
     * @param token with which the keys are asked for, as most clusters want it; null for none
     * @param deliveries a folder of files, each with one word that opens {@code /_tidemill/deliver/WORD}; null for none
     * @param ready a path at which the function says whether it is ready; null where it is as soon as it takes connections
     * @param details what the data of events must be like, by {@code EventPattern}, for those that are delivered below {@code
     *     /_tidemill/matching/NAME}
     */
    record Access(
            int function,
            List<Callers> callers,
            URI keys,
            @Nullable Path ca,
            @Nullable Path token,
            @Nullable Path deliveries,
            @Nullable String ready,
            Map<String, Map<String, JsonNode>> details) {

        Access {
            details = details == null ? Map.of() : Map.copyOf(details);
            callers = callers == null ? List.of() : List.copyOf(callers);
            Objects.requireNonNull(keys, "keys");
            if (function < 1 || function > 65_535) {
                throw new IllegalArgumentException("function is the port of the function, 1 to 65535");
            }
        }
    }

    /**
     * Some that may call.
     *
     * @param audience that their tokens must be for: the function itself, so that a token for another one opens nothing here
     * @param subjects of the tokens, such as {@code system:serviceaccount:NAMESPACE:NAME}
     */
    record Callers(String audience, List<String> subjects) {
        Callers {
            Objects.requireNonNull(audience, "audience");
            subjects = subjects == null ? List.of() : List.copyOf(subjects);
        }
    }

    /** @throws IllegalArgumentException naming what cannot be read */
    static Settings of(Map<String, String> environment) {
        String access = environment.get(VARIABLE);
        if (access == null) {
            throw new IllegalArgumentException(VARIABLE + " is missing: the gate opens to nobody without it");
        }
        try {
            return new Settings(
                    Integer.parseInt(environment.getOrDefault("PORT", "8080")),
                    Json.mapper().readValue(access, Access.class));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(VARIABLE + " cannot be read: " + e.getMessage(), e);
        }
    }
}
