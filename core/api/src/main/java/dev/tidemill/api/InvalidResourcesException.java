package dev.tidemill.api;

import java.util.List;
import java.util.stream.Collectors;

/** Files that cannot be used as they are; says everything that is wrong with them at once. */
public final class InvalidResourcesException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    public InvalidResourcesException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** At least one, in the order of the files. */
    public List<Problem> problems() {
        return problems;
    }
}
