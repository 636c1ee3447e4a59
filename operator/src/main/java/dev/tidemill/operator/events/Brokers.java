package dev.tidemill.operator.events;

import dev.tidemill.api.EventExtensions;
import dev.tidemill.dataflow.Announcer;
import dev.tidemill.dataflow.FunctionClient.Event;
import dev.tidemill.dataflow.FunctionClient.Reply;
import dev.tidemill.dataflow.HttpFunctionClient;
import dev.tidemill.dataflow.Trace;
import dev.tidemill.operator.LoggedTrace;
import dev.tidemill.operator.ServedKinds;
import dev.tidemill.store.Trust;
import io.fabric8.knative.eventing.v1.Broker;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Sends events to a namespace's broker {@code default}. Where there is none, nobody listens. */
public final class Brokers implements Announcer, AutoCloseable {

    /**
     * Knative's in-memory channel answers when every subscriber has, or after this time, and cuts off whoever is still at work when
     * its sender leaves.
     */
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private static final Logger LOG = Logger.getLogger(Brokers.class);

    private final KubernetesClient client;
    private final ServedKinds served;
    private final HttpFunctionClient http;
    private final SenderTokens tokens;

    /** Clients for brokers with a certificate authority of their own, by its certificates. */
    private final Map<String, HttpFunctionClient> trusting = new ConcurrentHashMap<>();

    public Brokers(KubernetesClient client, ServedKinds served, HttpFunctionClient http, SenderTokens tokens) {
        this.client = client;
        this.served = served;
        this.http = http;
        this.tokens = tokens;
    }

    /** @throws IOException when the broker did not accept it, to be tried again */
    @Override
    public void announce(String namespace, Event event) throws IOException, InterruptedException {
        if (!served.serves(Broker.class)) {
            return;
        }
        var broker = client.resources(Broker.class)
                .inNamespace(namespace)
                .withName(EventingManifests.BROKER)
                .get();
        if (broker == null) {
            return;
        }
        var status = broker.getStatus();
        if (status == null || status.getAddress() == null || status.getAddress().getUrl() == null) {
            throw new IOException("broker default of namespace " + namespace + " has no address yet");
        }
        var address = URI.create(status.getAddress().getUrl());
        var audience = status.getAddress().getAudience();
        var token = audience == null ? null : tokens.of(audience);
        switch (client(namespace, status.getAddress().getCACerts()).call(address, event, PATIENCE, token)) {
            case Reply.Result _ -> {
                var traceparent = event.extensions().get(EventExtensions.TRACE_PARENT);
                try (var _ = new LoggedTrace(Trace.of(traceparent, RandomGenerator.getDefault()))) {
                    LOG.infof("broker of namespace %s took %s of %s", namespace, event.type(), event.subject());
                }
            }
            case Reply.Final(var failure) -> throw new IOException(failure.message());
            case Reply.Transient(var _, var message, var _) -> throw new IOException(message);
            case Reply.TimedOut(var after, var _) -> throw new IOException("no answer of the broker within " + after);
            case Reply.NoCapacity(var message) -> throw new IOException(message);
        }
    }

    private HttpFunctionClient client(String namespace, @Nullable String caCerts) throws IOException {
        if (caCerts == null || caCerts.isBlank()) {
            return http;
        }
        try {
            return trusting.computeIfAbsent(caCerts, pem -> new HttpFunctionClient(Trust.context(pem)));
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "status.address.CACerts of broker default of namespace " + namespace + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        trusting.values().forEach(HttpFunctionClient::close);
    }
}
