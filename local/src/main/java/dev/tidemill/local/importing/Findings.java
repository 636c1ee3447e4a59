package dev.tidemill.local.importing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What has to be told of an import beside its result. */
final class Findings {

    private final List<Imported.Finding> questions = new ArrayList<>();

    void ask(Item item, String question) {
        var finding = finding(item, question);
        if (!questions.contains(finding)) {
            questions.add(finding);
        }
    }

    /** In the order of the file. */
    List<Imported.Finding> questions() {
        return questions.stream()
                .sorted(Comparator.comparing(
                                (Imported.Finding finding) -> finding.file().toString())
                        .thenComparing(Imported.Finding::line))
                .toList();
    }

    /** Everything that was not carried over; a section of which nothing was, for one reason, is one finding. */
    static List<Imported.Finding> refused(Item item) {
        List<Item> leaves = item.leaves().toList();
        String reason = leaves.getFirst().refusal();
        if (leaves.stream().allMatch(leaf -> leaf.refusal() != null && Objects.equals(leaf.refusal(), reason))) {
            return List.of(finding(item, String.valueOf(reason)));
        }
        return Stream.concat(item.fields().values().stream(), item.entries().stream())
                .flatMap(inner -> refused(inner).stream())
                .toList();
    }

    private static Imported.Finding finding(Item item, String message) {
        return new Imported.Finding(
                item.place().file(), item.place().line(), item.place().path(), message);
    }
}
