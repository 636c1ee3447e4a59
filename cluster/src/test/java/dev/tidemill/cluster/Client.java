package dev.tidemill.cluster;

import java.time.Instant;
import java.util.List;

/** Asks from within the cluster, each time in a new pod with {@link Asker}. */
record Client(Installation tidemill) {

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
        var name = "asker-" + Long.toHexString(System.nanoTime());
        var image = "--image=" + tidemill.program(Asker.class);
        var variable = "--env=" + environment;
        tidemill.kubectl("run", name, image, "--restart=Never", variable, "--", url, body, Integer.toString(times));
        tidemill.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/" + name, "--timeout=300s");
        var answers = tidemill.kubectl("logs", name).lines().map(Answer::of).toList();
        tidemill.kubectl("delete", "pod/" + name, "--wait=false");
        return answers;
    }
}
