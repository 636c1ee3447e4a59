package dev.tidemill.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** A namespace's broker {@code default}, as whoever sends it CloudEvents sees it. */
final class Broker implements AutoCloseable {

    /** The {@code source} of what is sent here. */
    static final String SOURCE = "/end-to-end";

    private final Forward forward;
    private final String path;
    private final String token;
    private final HttpClient http = HttpClient.newHttpClient();

    /**
     * By its address in the cluster.
     *
     * @param address its {@code status.address.url}: {@code http://service.namespace.svc…/path}
     * @param token of whoever sends; empty for none
     */
    Broker(Shell shell, String address, String token) {
        this.token = token;
        var within = URI.create(address);
        var host = within.getHost().split("\\.", -1);
        forward = new Forward(shell, host[1], host[0], within.getPort() < 0 ? 80 : within.getPort());
        path = within.getPath();
    }

    /** Sends an event in binary mode. It need not be delivered yet when this returns. */
    void send(String type, String id, String json) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://" + forward.address() + path))
                .header("ce-specversion", "1.0")
                .header("ce-type", type)
                .header("ce-source", SOURCE)
                .header("ce-id", id)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
        assertThat(answer.statusCode())
                .as("the broker's answer %s", answer.body())
                .isBetween(200, 299);
    }

    @Override
    public void close() {
        http.close();
        forward.close();
    }
}
