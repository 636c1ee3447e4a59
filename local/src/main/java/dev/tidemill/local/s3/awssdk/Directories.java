package dev.tidemill.local.s3.awssdk;

import dev.tidemill.store.KeyOrder;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sorted names of directories, kept until a directory changes: otherwise each page of a listing would read and sort all of a
 * flat prefix again, and a listing would cost the square of its length. A file system changes a directory's time whenever a
 * name in it comes, goes or turns into something else; ETag, size and time of a file are never kept.
 */
final class Directories {

    /** Names kept in all; about 100 bytes each. */
    private static final int KEPT = 1_000_000;

    /**
     * A file system's clock ticks every few milliseconds, on some every second: a directory read within the tick of its last change
     * may change once more without its time showing it.
     */
    private static final long UNSURE_MILLIS = 2_000;

    private final LinkedHashMap<Path, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
    private int names;

    private record Kept(FileTime changed, Entry[] entries) {}

    /**
     * A name in a directory.
     *
     * @param file the file's name
     * @param sortsAs the key's segment, with a slash behind it if it is a directory
     */
    record Entry(String file, String sortsAs) {

        static final Comparator<Entry> ORDER = Comparator.comparing(Entry::sortsAs, KeyOrder.UTF8);

        boolean isDirectory() {
            return sortsAs.endsWith("/");
        }
    }

    /** What is in the directory, in the order of keys; nothing if it is gone. */
    Entry[] list(Path directory) throws IOException {
        try {
            FileTime changed = Files.getLastModifiedTime(directory);
            Kept before = get(directory);
            if (before != null && before.changed().equals(changed)) {
                return before.entries();
            }
            long now = System.currentTimeMillis();
            Entry[] entries = read(directory);
            if (changed.toMillis() < now - UNSURE_MILLIS) {
                keep(directory, new Kept(changed, entries));
            }
            return entries;
        } catch (NoSuchFileException | NotDirectoryException e) {
            return new Entry[0];
        }
    }

    private static Entry[] read(Path directory) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                String file = String.valueOf(child.getFileName());
                String segment = FileNames.toSegment(file);
                if (segment != null) {
                    entries.add(new Entry(file, Files.isDirectory(child) ? segment + "/" : segment));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        Entry[] sorted = entries.toArray(Entry[]::new);
        Arrays.sort(sorted, Entry.ORDER);
        return sorted;
    }

    private synchronized @Nullable Kept get(Path directory) {
        return kept.get(directory);
    }

    private synchronized void keep(Path directory, Kept entries) {
        Kept before = kept.put(directory, entries);
        names += entries.entries().length - (before == null ? 0 : before.entries().length);
        var oldest = kept.entrySet().iterator();
        while (names > KEPT && oldest.hasNext()) {
            Map.Entry<Path, Kept> e = oldest.next();
            names -= e.getValue().entries().length;
            oldest.remove();
        }
    }
}
