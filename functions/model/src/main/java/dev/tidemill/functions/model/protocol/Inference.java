package dev.tidemill.functions.model.protocol;

import dev.tidemill.functions.model.ServedModel;
import dev.tidemill.functions.model.tensor.Lease;
import dev.tidemill.functions.model.tensor.Tensor;
import io.vertx.core.Context;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * From a request's bytes to those of its answer. What takes more than a moment to read or to write is not read or written on the event
 * loop, whose other connections would wait meanwhile, those of health checks among them.
 */
final class Inference {

    /** Read in about a millisecond as JSON. */
    private static final long MOMENT = 1 << 18;

    /**
     * How a transport reads and answers.
     *
     * @param <A> an answer
     */
    interface Exchange<A> {
        InferRequest read();

        /** Reads the outputs to their end. */
        A write(InferRequest request, List<Tensor> outputs);

        /** On the request's own thread, as {@link #refuse} is. */
        void send(A answer);

        void refuse(Throwable failure);
    }

    private Inference() {}

    /** @param size of the request in bytes */
    static <A> void run(Exchange<A> exchange, int size, ServedModel model, Intake.Held held, Context context) {
        aside(size, () -> {
            InferRequest request;
            CompletableFuture<Lease> reply;
            try {
                request = exchange.read();
                reply = model.infer(request.inputs());
            } catch (RuntimeException e) {
                context.runOnContext(_ -> exchange.refuse(e));
                return;
            }
            held.awaits(reply);
            reply.whenComplete((outputs, failure) -> {
                if (failure != null) {
                    context.runOnContext(_ -> exchange.refuse(failure));
                } else if (bytes(outputs) <= MOMENT) {
                    context.runOnContext(_ -> finish(exchange, request, outputs, Runnable::run));
                } else {
                    aside(
                            Long.MAX_VALUE,
                            () -> finish(exchange, request, outputs, end -> context.runOnContext(_ -> end.run())));
                }
            });
        });
    }

    private static <A> void finish(
            Exchange<A> exchange, InferRequest request, Lease outputs, java.util.concurrent.Executor requestsThread) {
        try (outputs) {
            A answer = exchange.write(request, outputs);
            requestsThread.execute(() -> exchange.send(answer));
        } catch (RuntimeException e) {
            requestsThread.execute(() -> exchange.refuse(e));
        }
    }

    private static void aside(long size, Runnable work) {
        if (size <= MOMENT) {
            work.run();
        } else {
            Thread.ofVirtual().name("large").start(work);
        }
    }

    private static long bytes(List<Tensor> tensors) {
        return tensors.stream().mapToLong(tensor -> tensor.data().limit()).sum();
    }
}
