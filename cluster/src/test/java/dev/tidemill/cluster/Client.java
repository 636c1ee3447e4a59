package dev.tidemill.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** Asks from within the cluster, each time in a new pod with {@link Asker}. */
record Client(Installation tidemill) {

    private static final Duration PAUSE = Duration.ofMillis(50);

    record Answer(Instant began, int status, long millis, String body) {

        private static Answer of(String line) {
            var answer = new Json(line);
            return new Answer(
                    Instant.parse(answer.text("/began")),
                    answer.root().path("status").asInt(),
                    answer.root().path("millis").asLong(),
                    answer.text("/body"));
        }
    }

    /** The answer to a POST of JSON by somebody who has no token. */
    Answer ask(String url, String body) throws Exception {
        return ask(url, body, 1).getFirst();
    }

    /** The same so many times, one after the other. */
    List<Answer> ask(String url, String body, int times) throws Exception {
        return ask("NO=TOKEN", url, body, times);
    }

    /** By the bearer of a token. */
    Answer askWith(String token, String url, String body) throws Exception {
        return askWith(token, url, body, 1).getFirst();
    }

    List<Answer> askWith(String token, String url, String body, int times) throws Exception {
        return ask("TOKEN=" + token, url, body, times);
    }

    private List<Answer> ask(String environment, String url, String body, int times) throws Exception {
        var name = start(environment, url, body, times, Duration.ZERO);
        tidemill.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/" + name, "--timeout=300s");
        var answers = answers(name);
        tidemill.kubectl("delete", "pod/" + name, "--wait=false");
        return answers;
    }

    /** Asks the same until it is closed. */
    Asking keepAsking(String url, String body) throws Exception {
        var pod = start("NO=TOKEN", url, body, Integer.MAX_VALUE, PAUSE);
        tidemill.kubectl("wait", "--for=condition=Ready", "pod/" + pod, "--timeout=300s");
        return new Asking(pod);
    }

    /** A pod that asks without end. */
    final class Asking implements AutoCloseable {

        private final String pod;

        private Asking(String pod) {
            this.pod = pod;
        }

        /** All answers so far. */
        List<Answer> answers() {
            return Client.this.answers(pod);
        }

        @Override
        public void close() {
            tidemill.kubectl("delete", "pod/" + pod, "--wait=false");
        }
    }

    /** Its pod. */
    private String start(String environment, String url, String body, int times, Duration pause) throws Exception {
        var name = "asker-" + Long.toHexString(System.nanoTime());
        var image = "--image=" + tidemill.program(Asker.class);
        var command = List.of("--", url, body, Integer.toString(times), Long.toString(pause.toMillis()));
        tidemill.kubectl(Stream.concat(
                        Stream.of("run", name, image, "--restart=Never", "--env=" + environment), command.stream())
                .toArray(String[]::new));
        return name;
    }

    private List<Answer> answers(String pod) {
        return tidemill.kubectl("logs", pod).lines().map(Answer::of).toList();
    }
}
