package dev.tidemill.dataflow.internal.work;

import dev.tidemill.dataflow.internal.ledger.Json;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import dev.tidemill.store.ObjectInfo;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The notes on work without parts, by part id; listed once and read when asked for. Losing one costs a call, never a result. */
public final class Notes {

    private static final String FOLDER = "failures/";
    private static final int ID = 64;

    private final StateFolder folder;
    private final String nonce;
    private final Map<String, ObjectInfo> listed = new ConcurrentHashMap<>();
    private final Map<String, Note> read = new ConcurrentHashMap<>();

    private Notes(StateFolder folder, String nonce) {
        this.folder = folder;
        this.nonce = nonce;
    }

    /**
     * @param nonce of the plan for which notes are written from now on
     */
    public static Notes list(StateFolder folder, String nonce, Set<String> condemned) {
        Notes notes = new Notes(folder, nonce);
        for (ObjectInfo info : folder.list(FOLDER)) {
            String name = info.key();
            if (name.length() > FOLDER.length() + ID && !condemned.contains(name)) {
                // The newest word counts; of two from the same second, this plan's own.
                notes.listed.merge(
                        name.substring(FOLDER.length(), FOLDER.length() + ID),
                        info,
                        (a, b) -> notes.newer(a, b) ? a : b);
            }
        }
        return notes;
    }

    public @Nullable Note get(String id) {
        Note known = read.get(id);
        if (known != null) {
            return known;
        }
        ObjectInfo info = listed.get(id);
        if (info == null) {
            return null;
        }
        boolean own = info.key().equals(name(id));
        var stored = folder.read(info.key()).orElse(null);
        Note note =
                stored == null ? null : Json.read(stored.bytes(), Note.class, Note.VERSION, folder.address(info.key()));
        if (note == null || (note.kind() == Note.Kind.REPLACED && !own)) {
            listed.remove(id);
            return null;
        }
        read.put(id, note);
        return note;
    }

    public void put(Note note) {
        folder.write(name(note.id()), Json.bytes(note), "application/json");
        read.put(note.id(), note);
        listed.remove(note.id());
    }

    /** Where the note on a part lies, relative to the ledger. */
    public String address(String id) {
        ObjectInfo info = listed.get(id);
        return info == null ? name(id) : info.key();
    }

    private String name(String id) {
        return FOLDER + id + "." + nonce + ".json";
    }

    private boolean newer(ObjectInfo a, ObjectInfo b) {
        int order = a.lastModified().compareTo(b.lastModified());
        return order > 0 || (order == 0 && a.key().contains(nonce));
    }
}
