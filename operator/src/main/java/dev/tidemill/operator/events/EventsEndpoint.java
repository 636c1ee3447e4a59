package dev.tidemill.operator.events;

import dev.tidemill.operator.Leadership;
import dev.tidemill.operator.events.Inbox.Received;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import org.jspecify.annotations.Nullable;

/** Where brokers and stores deliver. A replica that does not lead knows of no Dataset, and lets the sender try again. */
@Path("/")
@Consumes(MediaType.WILDCARD)
public class EventsEndpoint {

    private final Leadership leadership;
    private final Inbox inbox;
    private final DeadLetters deadLetters;
    private final StoreInbox stores;

    public EventsEndpoint(Leadership leadership, Inbox inbox, DeadLetters deadLetters, StoreInbox stores) {
        this.leadership = leadership;
        this.inbox = inbox;
        this.deadLetters = deadLetters;
        this.stores = stores;
    }

    @POST
    @Path("events/{namespace}/{token}")
    public Response wakeUp(
            @PathParam("namespace") String namespace,
            @PathParam("token") String token,
            @HeaderParam("ce-type") @Nullable String type,
            @HeaderParam(HttpHeaders.CONTENT_TYPE) @Nullable String contentType,
            @HeaderParam("ce-traceparent") @Nullable String ceTraceparent,
            @HeaderParam("traceparent") @Nullable String traceparent,
            byte[] body) {
        if (!inbox.admits(namespace, token)) {
            return answer(Status.FORBIDDEN);
        }
        if (!leadership.leads()) {
            return answer(Status.SERVICE_UNAVAILABLE);
        }
        return answer(
                inbox.receive(
                                namespace,
                                new Received(
                                        type, contentType, ceTraceparent == null ? traceparent : ceTraceparent, body))
                        ? Status.ACCEPTED
                        : Status.BAD_REQUEST);
    }

    @POST
    @Path("events/{namespace}/{token}/dead/{function}")
    public Response deadLetter(
            @PathParam("namespace") String namespace,
            @PathParam("token") String token,
            @PathParam("function") String function,
            @HeaderParam("ce-type") @Nullable String type,
            @HeaderParam("ce-id") @Nullable String id,
            @HeaderParam("ce-knativeerrorcode") @Nullable String code,
            byte[] body) {
        if (!inbox.admits(namespace, token)) {
            return answer(Status.FORBIDDEN);
        }
        deadLetters.take(namespace, function, new DeadLetters.Letter(type, id, code));
        return answer(Status.ACCEPTED);
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

    private static Response answer(Status status) {
        return Response.status(status).build();
    }
}
