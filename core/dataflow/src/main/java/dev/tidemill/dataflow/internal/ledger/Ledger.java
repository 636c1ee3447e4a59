package dev.tidemill.dataflow.internal.ledger;

import dev.tidemill.store.Head;
import dev.tidemill.store.ObjectInfo;
import dev.tidemill.store.StoreException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The records of one Dataset that decide: who owns it, what is committed, what is planned. */
public final class Ledger {

    private static final String OWNER = "owner.json";
    private static final String CURRENT = "current.json";

    private final StateFolder folder;

    public Ledger(StateFolder folder) {
        this.folder = folder;
    }

    /** Who a ledger or an output folder belongs to. */
    public record Owner(int version, String cluster, String namespace, String name, String uid) {
        public static final int VERSION = 1;

        /** The same resource, though it may have been deleted and created again since. */
        public boolean same(Owner other) {
            return cluster.equals(other.cluster) && namespace.equals(other.namespace) && name.equals(other.name);
        }
    }

    /** A head and the ETag that its replacement needs. */
    public record Current(Head head, String etag) {}

    /**
     * Makes {@code owner} the owner of a folder, unless it is another's.
     *
     * @return the other owner, or null
     */
    public static @Nullable Owner claim(StateFolder folder, Owner owner, boolean adopt) {
        while (true) {
            var stored = folder.read(OWNER).orElse(null);
            if (stored == null) {
                if (folder.create(OWNER, Json.bytes(owner), "application/json")) {
                    return null;
                }
                continue;
            }
            Owner found = Json.read(stored.bytes(), Owner.class, Owner.VERSION, folder.address(OWNER));
            if (found.equals(owner)) {
                return null;
            }
            if (!found.same(owner) && !adopt) {
                return found;
            }
            if (folder.replace(OWNER, Json.bytes(owner), stored.etag()) != null) {
                return null;
            }
        }
    }

    /** Whose a folder is, if anybody's. */
    public static Optional<Owner> owner(StateFolder folder) {
        return folder.read(OWNER)
                .map(stored -> Json.read(stored.bytes(), Owner.class, Owner.VERSION, folder.address(OWNER)));
    }

    public @Nullable Current current() {
        return folder.read(CURRENT)
                .map(stored -> new Current(
                        Json.read(stored.bytes(), Head.class, Head.VERSION, folder.address(CURRENT)), stored.etag()))
                .orElse(null);
    }

    public Manifest manifest(Head head) {
        String address = folder.address(head.manifest());
        var stored = folder.read(head.manifest())
                .orElseThrow(() -> new CorruptRecordException(address, "is named by current.json and is not there"));
        String content = head.manifest().substring(head.manifest().lastIndexOf('-') + 1);
        if (!Digests.hex(stored.bytes()).equals(content)) {
            throw new CorruptRecordException(address, "its content does not have the hash in its name");
        }
        return Json.read(stored.bytes(), Manifest.class, Manifest.VERSION, address);
    }

    /** Writes the root; visible to nobody yet. Its name. */
    public String write(Manifest manifest) {
        byte[] bytes = Json.bytes(manifest);
        String name = "manifests/" + manifest.revision() + "-" + Digests.hex(bytes);
        folder.create(name, bytes, "application/json");
        return name;
    }

    /** Makes {@code next} what is committed, if {@code base} still is; false when another commit was faster. */
    public boolean commit(@Nullable Current base, Head next) {
        try {
            if (folder.replace(CURRENT, Json.bytes(next), base == null ? null : base.etag()) != null) {
                return true;
            }
        } catch (StoreException.Unavailable e) {
            if (committed(next)) {
                return true;
            }
            // It may still take effect: then on this very base, and whoever commits next loses against it.
            throw e;
        }
        // A 412 can be the answer to our own second try after a lost reply.
        return committed(next);
    }

    private boolean committed(Head head) {
        Current now = current();
        return now != null && now.head().commit().equals(head.commit());
    }

    /** The newest plan on a revision; it counts only if its base is the current commit. */
    public Optional<Plan> latestPlan(long revision) {
        String start = "plans/" + revision + "-";
        String latest = null;
        int highest = 0;
        for (ObjectInfo info : folder.list(start)) {
            int n = Integer.parseInt(info.key().substring(start.length()));
            if (n > highest) {
                highest = n;
                latest = info.key();
            }
        }
        return latest == null ? Optional.empty() : plan(latest);
    }

    /** The name that comes after a plan's. */
    public static String planName(long revision, @Nullable Plan before) {
        int n = before == null
                ? 1
                : Integer.parseInt(before.name().substring(before.name().lastIndexOf('-') + 1)) + 1;
        return "plans/" + revision + "-" + n;
    }

    /** Writes a plan under its name, or returns the one that another wrote there first. */
    public Plan create(Plan plan) {
        if (folder.create(plan.name(), Json.bytes(plan), "application/json")) {
            return plan;
        }
        return plan(plan.name())
                .orElseThrow(
                        () -> new CorruptRecordException(folder.address(plan.name()), "is there and is not there"));
    }

    private Optional<Plan> plan(String name) {
        return folder.read(name)
                .map(stored -> Json.read(stored.bytes(), Plan.class, Plan.VERSION, folder.address(name)));
    }
}
