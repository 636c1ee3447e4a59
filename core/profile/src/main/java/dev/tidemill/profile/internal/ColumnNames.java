package dev.tidemill.profile.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Columns are known by their names, which not every file keeps apart. */
public final class ColumnNames {
    private ColumnNames() {}

    /** A name used twice gets a number, {@code a_1}; an empty one becomes {@code column<position>}. */
    public static List<String> unique(List<String> names) {
        Set<String> taken = new HashSet<>(names);
        Set<String> used = new HashSet<>();
        List<String> unique = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String base = names.get(i).isEmpty() ? "column" + i : names.get(i);
            String candidate = base;
            for (int n = 1; used.contains(candidate) || (n > 1 && taken.contains(candidate)); n++) {
                candidate = base + "_" + n;
            }
            used.add(candidate);
            unique.add(candidate);
        }
        return List.copyOf(unique);
    }
}
