package dev.tidemill.dataflow;

import dev.tidemill.dataflow.SliceReply.State;
import dev.tidemill.dataflow.Task.Input;
import dev.tidemill.dataflow.internal.inventory.ListingException;
import dev.tidemill.dataflow.internal.ledger.CorruptRecordException;
import dev.tidemill.dataflow.internal.ledger.FailureEntry;
import dev.tidemill.dataflow.internal.ledger.Lease;
import dev.tidemill.dataflow.internal.ledger.Ledger;
import dev.tidemill.dataflow.internal.ledger.Ledger.Owner;
import dev.tidemill.dataflow.internal.ledger.Manifest;
import dev.tidemill.dataflow.internal.ledger.Segments;
import dev.tidemill.dataflow.internal.ledger.StateFolder;
import dev.tidemill.store.ObjectClient;
import dev.tidemill.store.RunState;
import dev.tidemill.store.StoreException;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns a change of objects into a committed revision, one slice at a time: inventory, shards, dispatch, combine, commit. All
 * state is in the bucket, so that any slice may be the last and any process may take the next one.
 */
public final class Materializer {

    /** Above slice limit and function timeout: the last replies still have to be written. */
    private static final Duration LEASE_MARGIN = Duration.ofSeconds(30);

    private static final Logger LOG = System.getLogger(Materializer.class.getName());
    private static final Duration BUG_PAUSE = Duration.ofMinutes(1);
    private static final Duration STORE_PAUSE = Duration.ofSeconds(10);
    private static final String OWN_FOLDER = "_tidemill/";

    private final ObjectClient store;
    private final FunctionClient functions;
    private final Surroundings surroundings;

    public Materializer(ObjectClient store, FunctionClient functions) {
        this(store, functions, Surroundings.real());
    }

    Materializer(ObjectClient store, FunctionClient functions, Surroundings surroundings) {
        this.store = store;
        this.functions = functions;
        this.surroundings = surroundings;
    }

    /**
     * Works for one slice. What the store, the input or a function did wrong is in the reply.
     *
     * @throws InterruptedException when the thread was interrupted; nothing is lost, the next slice goes on
     */
    public SliceReply run(SliceRequest request) throws InterruptedException {
        StateFolder folder = StateFolder.of(
                store,
                request.task().stateBucket(),
                request.task().dataset().namespace(),
                request.task().dataset().name());
        Ledger ledger = new Ledger(folder);
        Share share = new Share(request.turn().share());
        Lease lease = null;
        Stop stop;
        try {
            StateFolder output = output(request);
            claim(request, folder, output);
            String nonce = surroundings.nonce();
            lease = Lease.take(
                    folder,
                    nonce,
                    request.turn().run(),
                    leaseLength(request),
                    request.turn().takeOver());
            surroundings.kill().at(KillPoint.LEASE_TAKEN);
            SliceContext slice = new SliceContext(
                    request,
                    store,
                    functions,
                    surroundings,
                    folder,
                    output,
                    ledger,
                    new Segments(folder, nonce, surroundings.limits()),
                    lease,
                    share,
                    surroundings.time().now().plus(request.turn().sliceLimit()));
            new Slice(slice).work();
            stop = new Stop(State.DONE, "Committed", "", null);
        } catch (Stop early) {
            stop = early;
        } catch (Lease.Taken taken) {
            lease = null;
            stop = new Stop(State.BUSY, "LeaseTaken", message(taken), taken.until());
        } catch (StoreException | ListingException | CorruptRecordException trouble) {
            stop = trouble(trouble);
        } catch (RuntimeException bug) {
            // A slice that ends without a reply would keep its lease and the driver's permits for minutes.
            LOG.log(Logger.Level.ERROR, request.task().dataset() + ": the slice broke off", bug);
            stop = new Stop(
                    State.FAILED,
                    "MaterializerFailed",
                    "the materializer itself failed, and its log says where: " + bug,
                    surroundings.time().now().plus(BUG_PAUSE));
        }
        return reply(stop, request, folder, ledger, lease, share);
    }

    private static Duration leaseLength(SliceRequest request) {
        return request.turn().sliceLimit().plus(request.task().longestCall()).plus(LEASE_MARGIN);
    }

    private @Nullable StateFolder output(SliceRequest request) {
        return request.task().output() == null
                ? null
                : new StateFolder(
                        store,
                        request.task().output().bucket(),
                        request.task().output().prefix());
    }

    private void claim(SliceRequest request, StateFolder folder, @Nullable StateFolder output) {
        Owner owner = new Owner(
                Owner.VERSION,
                request.task().cluster(),
                request.task().dataset().namespace(),
                request.task().dataset().name(),
                request.task().dataset().uid());
        claim(folder, owner, request.task().wishes().adopt());
        if (output != null) {
            claim(
                    new StateFolder(store, output.bucket(), output.prefix() + OWN_FOLDER),
                    owner,
                    request.task().wishes().adopt());
        }
        if (request.task().input() instanceof Input.Listing listing) {
            refuseManaged(listing);
        }
        surroundings.kill().at(KillPoint.OWNER_WRITTEN);
    }

    private static void claim(StateFolder folder, Owner owner, boolean adopt) {
        Owner other = Ledger.claim(folder, owner, adopt);
        if (other != null) {
            throw Stop.held(
                    "OwnedByAnother",
                    folder.address("") + " belongs to Dataset " + other.namespace() + "/" + other.name()
                            + " of cluster " + other.cluster()
                            + "; set the annotation tidemill.dev/adopt: \"true\" to take it over");
        }
    }

    /** A folder above the prefix may be another Dataset's output; one below is met by the listing. */
    private void refuseManaged(Input.Listing listing) {
        for (int end = listing.prefix().length();
                end > 0;
                end = listing.prefix().lastIndexOf('/', end - 2) + 1) {
            String above = listing.prefix().substring(0, end);
            if (store.head(listing.bucket(), above + OWN_FOLDER + "owner.json").isPresent()) {
                throw Stop.held(
                        "ManagedPrefix",
                        "s3://" + listing.bucket() + "/" + above
                                + " is written by another Dataset: use spec.from with that Dataset instead of spec.source");
            }
        }
    }

    private Stop trouble(RuntimeException trouble) {
        String message = message(trouble);
        return switch (trouble) {
            case StoreException.Unavailable _ ->
                new Stop(
                        State.MORE,
                        "StoreUnavailable",
                        message,
                        surroundings.time().now().plus(STORE_PAUSE));
            case StoreException.NoSuchBucket _ -> new Stop(State.FAILED, "NoSuchBucket", message, null);
            case StoreException.AccessDenied _ -> new Stop(State.FAILED, "AccessDenied", message, null);
            case ListingException listing -> new Stop(State.FAILED, listing.reason(), message, null);
            case CorruptRecordException _ -> new Stop(State.FAILED, "LedgerCorrupt", message, null);
            default -> new Stop(State.FAILED, "StoreRefused", message, null);
        };
    }

    private SliceReply reply(
            Stop stop, SliceRequest request, StateFolder folder, Ledger ledger, @Nullable Lease lease, Share share) {
        Ledger.Current current = null;
        RunState run = null;
        try {
            if (lease != null) {
                run = lease.state();
                lease.release();
                surroundings.kill().at(KillPoint.LEASE_RELEASED);
            }
            current = ledger.current();
        } catch (Lease.Taken | StoreException | CorruptRecordException e) {
            // The lease ends by itself, and the status is told again by the next reply.
            if (stop.state == State.DONE) {
                stop = new Stop(
                        State.MORE,
                        "StoreUnavailable",
                        message(e),
                        surroundings.time().now().plus(STORE_PAUSE));
            }
        }
        if (stop.state == State.DONE
                && current != null
                && current.head().summary().failedItems() > 0) {
            List<Failure> failures = tolerated(folder, ledger, current);
            stop = new Stop(
                    State.DEGRADED,
                    "TolerableFailures",
                    Failure.objects(current.head().summary().failedObjects()) + " failed, within what is tolerated"
                            + (failures.isEmpty()
                                    ? ""
                                    : "; the first: " + failures.getFirst().told()),
                    null,
                    failures);
        }
        return SliceReplies.of(
                stop.state,
                stop.reason,
                stop.message(),
                stop.retryAt,
                stop.failures,
                current,
                run,
                folder.address(""),
                share.taken());
    }

    /** The first few of the failures that are committed. */
    private List<Failure> tolerated(StateFolder folder, Ledger ledger, Ledger.Current current) {
        List<Failure> failures = new ArrayList<>();
        try {
            Manifest manifest = ledger.manifest(current.head());
            Segments segments = new Segments(folder, "", surroundings.limits());
            add(manifest.data(), segments, failures);
            add(manifest.profile(), segments, failures);
        } catch (StoreException | CorruptRecordException e) {
            // The reply stands without them, and the next one tells them.
        }
        return failures;
    }

    private static void add(Manifest.@Nullable StageRecord stage, Segments segments, List<Failure> failures) {
        if (stage == null) {
            return;
        }
        Iterator<FailureEntry> entries = segments.read(stage.failures(), FailureEntry.CODEC);
        while (entries.hasNext() && failures.size() < SliceReplies.FAILURES) {
            FailureEntry entry = entries.next();
            failures.add(new Failure(
                    entry.reason(),
                    entry.message(),
                    entry.object(),
                    entry.line(),
                    entry.byteOffset(),
                    entry.retryAt() == Long.MAX_VALUE));
        }
    }

    private static String message(RuntimeException e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
