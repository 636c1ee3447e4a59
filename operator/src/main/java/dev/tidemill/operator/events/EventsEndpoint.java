package dev.tidemill.operator.events;

import dev.tidemill.dataflow.CloudEventReader;
import dev.tidemill.operator.Leadership;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where brokers and stores deliver. A replica that does not lead knows of no Dataset and no store, and lets the sender try again. */
@Path("/")
@Consumes(MediaType.WILDCARD)
public class EventsEndpoint {

    private final Leadership leadership;
    private final Inbox inbox;
    private final LostEvents lost;
    private final StoreInbox stores;

    public EventsEndpoint(Leadership leadership, Inbox inbox, LostEvents lost, StoreInbox stores) {
        this.leadership = leadership;
        this.inbox = inbox;
        this.lost = lost;
        this.stores = stores;
    }

    @POST
    @Path("events/{namespace}/{token}")
    public Response wakeUp(
            @PathParam("namespace") String namespace,
            @PathParam("token") String token,
            @Context HttpHeaders headers,
            byte[] body) {
        return delivered(namespace, token, () -> {
            var event = CloudEventReader.read(byName(headers), body);
            return inbox.receive(namespace, event) ? Status.ACCEPTED : Status.BAD_REQUEST;
        });
    }

    @POST
    @Path("events/{namespace}/{token}/dead/{function}")
    public Response deadLetter(
            @PathParam("namespace") String namespace,
            @PathParam("token") String token,
            @PathParam("function") String function,
            @Context HttpHeaders headers,
            byte[] body) {
        return delivered(namespace, token, () -> {
            var letter = Undelivered.of(CloudEventReader.read(byName(headers), body));
            return lost.take(namespace, function, letter.event(), letter.why())
                    ? Status.ACCEPTED
                    : Status.SERVICE_UNAVAILABLE;
        });
    }

    @POST
    @Path("stores/{store}/events")
    public Response stored(
            @PathParam("store") String store,
            @HeaderParam(HttpHeaders.AUTHORIZATION) @Nullable String authorization,
            @HeaderParam("traceparent") @Nullable String traceparent,
            byte[] body) {
        if (!leadership.leads()) {
            return answer(Status.SERVICE_UNAVAILABLE);
        }
        return answer(
                switch (stores.receive(store, authorization, traceparent, body)) {
                    case Accepted -> Status.OK;
                    case Unauthorized -> Status.UNAUTHORIZED;
                    case NotUnderstood -> Status.BAD_REQUEST;
                });
    }

    private interface Work {
        /** @throws IOException when what came is no CloudEvent */
        Status done() throws IOException;
    }

    private Response delivered(String namespace, String token, Work work) {
        if (!inbox.admits(namespace, token)) {
            return answer(Status.FORBIDDEN);
        }
        if (!leadership.leads()) {
            return answer(Status.SERVICE_UNAVAILABLE);
        }
        try {
            return answer(work.done());
        } catch (IOException e) {
            return answer(Status.BAD_REQUEST);
        }
    }

    private static Map<String, String> byName(HttpHeaders headers) {
        return headers.getRequestHeaders().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, header -> header.getValue().getFirst()));
    }

    /** Empty: what has a body and is no event, Knative takes for a failure. */
    private static Response answer(Status status) {
        return Response.status(status).build();
    }
}
