package dev.tidemill.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** scikit-learn's handwritten digits, and how a model is asked by the Open Inference Protocol which one it sees. */
final class Digits {

    private Digits() {}

    /** Each row 64 pixels and its digit. */
    static List<String> rows() throws IOException {
        try (var file = Files.newInputStream(Path.of(Installation.example("data/digits/digits.csv.gz")));
                var content = new GZIPInputStream(file)) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }

    /** Asks for the label of a row, and for nothing else. */
    static String question(String row) {
        return """
                {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 64], "data": [%s]}], "outputs": [{"name": "label"}]}""".formatted(row.substring(0, row.lastIndexOf(',')));
    }

    /** Its digit. */
    static String digit(String row) {
        return row.substring(row.lastIndexOf(',') + 1);
    }

    /** What a model answered; empty when that is no answer. */
    static String label(Client.Answer answer) {
        return answer.status() == 200 ? new Json(answer.body()).text("/outputs/0/data/0") : "";
    }

    /** The version of the model that answered. */
    static String version(Client.Answer answer) {
        return answer.status() == 200 ? new Json(answer.body()).text("/model_version") : "";
    }
}
