package dev.tidemill.functions.lambda;

import dev.tidemill.functions.lambda.event.HandlerEvents;
import dev.tidemill.functions.lambda.event.Incoming;
import dev.tidemill.functions.lambda.event.UnfitEventException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One connection of a caller: CloudEvents in binary and structured mode, plain HTTP, and AWS' own Invoke, for whoever has its SDK. */
final class Entrance extends SimpleChannelInboundHandler<HttpObject> {

    private static final Pattern INVOKE = Pattern.compile("/2015-03-31/functions/([^/?]+)/invocations(?:\\?.*)?");
    private static final String HEALTH = "/_tidemill/health/";

    private final Settings settings;
    private final Pool pool;
    private final HandlerEvents events;

    private @Nullable Upload upload;

    Entrance(Settings settings, Pool pool, HandlerEvents events) {
        this.settings = settings;
        this.pool = pool;
        this.events = events;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext from, HttpObject part) {
        if (part instanceof HttpRequest head) {
            upload = new Upload.Collected(settings.payloadLimit(), (body, _) -> receive(from, head, body));
        }
        Upload receiving = upload;
        if (part instanceof HttpContent content && receiving != null) {
            receiving.add(content.content());
            if (part instanceof LastHttpContent last) {
                upload = null;
                receiving.end(last.trailingHeaders());
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    private void receive(ChannelHandlerContext from, HttpRequest head, Upload.Body body) {
        Caller caller = new Caller(from, HttpUtil.isKeepAlive(head), settings);
        if (head.decoderResult().isFailure()) {
            caller.badRequest(
                    "this is no HTTP request: " + head.decoderResult().cause().getMessage());
        } else if (head.uri().startsWith(HEALTH)) {
            caller.health(pool.health(head.uri().substring(HEALTH.length())));
        } else if (!body.whole()) {
            caller.refuse(Outcome.Failed.tooLarge("Request", body.size(), settings.payloadLimit()));
        } else {
            Matcher invoke = INVOKE.matcher(head.uri());
            try {
                if (invoke.matches() && head.method().equals(HttpMethod.POST)) {
                    invoke(caller, head.headers(), body.bytes());
                } else {
                    call(caller, incoming(from, head, body.bytes()), head.headers());
                }
            } catch (UnfitEventException | IllegalArgumentException e) {
                caller.badRequest(String.valueOf(e.getMessage()));
            }
        }
    }

    private static Incoming incoming(ChannelHandlerContext from, HttpRequest head, byte[] body) {
        HttpHeaders headers = head.headers();
        String contentType = headers.get("Content-Type", "");
        if (contentType.startsWith("application/cloudevents-batch")) {
            throw new IllegalArgumentException("batches of events are not taken: send one event a request");
        }
        if (contentType.startsWith("application/cloudevents")) {
            return CloudEventRequests.structured(body);
        }
        if (headers.contains("ce-specversion")) {
            return CloudEventRequests.binary(headers, body);
        }
        int mark = head.uri().indexOf('?');
        String peer = from.channel().remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "";
        return new Incoming.Http(
                UUID.randomUUID(),
                head.method().name(),
                mark < 0 ? head.uri() : head.uri().substring(0, mark),
                mark < 0 ? "" : head.uri().substring(mark + 1),
                head.protocolVersion().text(),
                headers.entries(),
                headers.get("X-Forwarded-For", peer).split(",", 2)[0].strip(),
                body);
    }

    private void call(Caller caller, Incoming incoming, HttpHeaders headers) {
        if (incoming instanceof Incoming.CloudEvent event && CloudEventReplies.isLoop(event)) {
            caller.refuse(CloudEventReplies.loop(event));
            return;
        }
        Call.Answer answer = switch (incoming) {
            case Incoming.CloudEvent event -> new CloudEventReplies(caller, event);
            case Incoming.Http _ -> new HttpReplies(caller, events.answersHttp(incoming));
        };
        Call.Context context = new Call.Context(Traces.of(headers), null, null);
        pool.submit(new Call(incoming.requestId(), events.payload(incoming), context, answer));
    }

    /** The same JSON in characters that a header can carry. */
    private static String ascii(String json) {
        StringBuilder ascii = new StringBuilder();
        json.chars().forEach(c -> {
            if (c < 0x7f) {
                ascii.append((char) c);
            } else {
                ascii.append("\\u%04x".formatted(c));
            }
        });
        return ascii.toString();
    }

    /** AWS Lambda's Invoke, 2015-03-31: the body is the event, and a failure of the handler's is a 200 with a header. */
    private void invoke(Caller caller, HttpHeaders headers, byte[] body) {
        String client = headers.get("X-Amz-Client-Context");
        Call.Context context = new Call.Context(
                Traces.of(headers),
                client == null ? null : ascii(new String(Base64.getDecoder().decode(client), StandardCharsets.UTF_8)),
                null);
        byte[] event = body.length == 0 ? "{}".getBytes(StandardCharsets.UTF_8) : body;
        UUID id = UUID.randomUUID();
        switch (headers.get("X-Amz-Invocation-Type", "RequestResponse")) {
            case "DryRun" -> caller.status(HttpResponseStatus.NO_CONTENT);
            case "Event" -> {
                pool.submit(new Call(id, event, context, outcome -> InvokeReplies.note(id, outcome)));
                caller.status(HttpResponseStatus.ACCEPTED);
            }
            default -> pool.submit(new Call(id, event, context, new InvokeReplies(caller, id)));
        }
    }
}
