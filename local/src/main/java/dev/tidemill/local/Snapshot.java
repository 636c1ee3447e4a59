package dev.tidemill.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.TreeMap;

/** The modification times of files and of what is directly in folders: two are equal if nothing was written between them. */
record Snapshot(TreeMap<Path, FileTime> times) {

    static Snapshot of(List<Path> paths) {
        TreeMap<Path, FileTime> times = new TreeMap<>();
        for (Path path : paths) {
            try (var files = Files.walk(path, 1)) {
                for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                    times.put(file, Files.getLastModifiedTime(file));
                }
            } catch (NoSuchFileException _) {
                // An editor replaces a file by a new one: the next look sees that.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new Snapshot(times);
    }
}
