package dev.tidemill.runtime;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import java.io.IOException;
import java.net.Socket;

/**
 * Waits until the handler's code is there, which is when the bridge opens the Runtime API, and becomes AWS' own client. That looks for
 * classes in the working directory and for jars in its {@code lib}.
 */
public final class Start {

    private static final int PAUSE_MILLIS = 20;

    private Start() {}

    public static void main(String[] args) throws Throwable {
        var api = System.getenv("AWS_LAMBDA_RUNTIME_API").split(":", 2);
        while (!isOpen(api[0], Integer.parseInt(api[1]))) {
            Thread.sleep(PAUSE_MILLIS);
        }
        AWSLambda.main(args);
    }

    private static boolean isOpen(String host, int port) {
        try (var _ = new Socket(host, port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
