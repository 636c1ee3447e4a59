package dev.tidemill.functions.gate;

import io.netty.handler.codec.http.HttpRequest;
import java.util.concurrent.CompletionStage;

/** Decides what becomes of a request, by its head alone. */
interface Door {

    CompletionStage<Verdict> judge(HttpRequest head);

    /** Decides what becomes of a question whether we are ready. */
    Verdict probe(HttpRequest head);
}
