package dev.tidemill.local.s3.awssdk;

import dev.tidemill.local.s3.awssdk.Directories.Entry;
import dev.tidemill.store.KeyOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a bucket in the order of keys. A directory sorts as its name with a slash behind it, so that walking the tree in
 * order gives the keys in order; only the path to the first key of the page is searched, by halving.
 */
final class Listing {

    /** No key is longer, so that a ring of symbolic links ends somewhere. */
    private static final int LONGEST_KEY = 1024;

    private final Directories directories;
    private final String prefix;
    private final String after;
    private final boolean folded;
    private final int limit;

    private final List<StoredFile> objects = new ArrayList<>();
    private final List<String> folders = new ArrayList<>();
    private String last = "";
    private boolean more;

    /**
     * @param after only keys behind this one; the empty string for all
     * @param folded whether keys with a slash behind the prefix are told by their folder alone
     */
    Listing(Directories directories, String prefix, String after, boolean folded, int limit) {
        this.directories = directories;
        this.prefix = prefix;
        this.after = after;
        this.folded = folded;
        this.limit = limit;
    }

    List<StoredFile> objects() {
        return objects;
    }

    List<String> folders() {
        return folders;
    }

    /** The last key or folder of this page if more follow, else null. */
    @Nullable
    String next() {
        return more ? last : null;
    }

    Listing read(Path bucket) throws IOException {
        walk(bucket, "");
        return this;
    }

    private void walk(Path directory, String path) throws IOException {
        Entry[] entries = directories.list(directory);
        for (int i = start(entries, path); i < entries.length && !more; i++) {
            Entry entry = entries[i];
            String key = path + entry.sortsAs();
            if (entry.isDirectory()) {
                if (key.startsWith(prefix) || prefix.startsWith(key)) {
                    folder(directory.resolve(entry.file()), key);
                } else if (KeyOrder.UTF8.compare(key, prefix) > 0) {
                    return;
                }
            } else if (key.startsWith(prefix)) {
                object(directory.resolve(entry.file()), key);
            } else if (KeyOrder.UTF8.compare(key, prefix) > 0) {
                return;
            }
        }
    }

    /** The first entry that can hold a key of this page. */
    private int start(Entry[] entries, String path) {
        int start = 0;
        for (String bound : List.of(prefix, after)) {
            if (bound.length() > path.length() && bound.startsWith(path)) {
                int found = Arrays.binarySearch(entries, new Entry("", bound.substring(path.length())), Entry.ORDER);
                int above = found >= 0 ? found : -found - 1;
                // The folder that the bound lies in sorts just before it.
                boolean inFolder = above > 0
                        && bound.startsWith(path + entries[above - 1].sortsAs())
                        && entries[above - 1].isDirectory();
                start = Math.max(start, inFolder ? above - 1 : above);
            }
        }
        return start;
    }

    private void folder(Path directory, String key) throws IOException {
        if (folded && key.startsWith(prefix) && key.length() > prefix.length()) {
            if (KeyOrder.UTF8.compare(key, after) > 0
                    && !after.startsWith(key)
                    && holdsObject(directory, key)
                    && room()) {
                folders.add(key);
                last = key;
            }
        } else if (key.length() <= LONGEST_KEY) {
            walk(directory, key);
        }
    }

    /** An empty directory is no folder: S3 has none without a key in it. */
    private boolean holdsObject(Path directory, String key) throws IOException {
        return !new Listing(directories, "", "", false, 1)
                .read(directory)
                .objects()
                .isEmpty();
    }

    private void object(Path file, String key) throws IOException {
        if (KeyOrder.UTF8.compare(key, after) <= 0) {
            return;
        }
        StoredFile object = StoredFile.read(file, key);
        if (object != null && room()) {
            objects.add(object);
            last = key;
        }
    }

    private boolean room() {
        if (objects.size() + folders.size() < limit) {
            return true;
        }
        more = true;
        return false;
    }
}
