package dev.tidemill.store;

import io.minio.ComposeObjectArgs;
import io.minio.ComposeSource;
import io.minio.MakeBucketArgs;
import io.minio.PutObjectArgs;
import io.minio.errors.MinioException;
import io.minio.http.Method;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** {@link ObjectClient} over an S3 store. */
final class MinioObjectClient implements ObjectClient {

    /** Streams up to this size are sent in one piece and may be sent again; longer ones go, and are copied, in parts of this size. */
    private static final int PART = 16 << 20;

    private final RetryPolicy retry;
    private final StoreClock clock = new StoreClock();
    private final Diagnosis diagnosis;
    private final Wire wire;

    MinioObjectClient(StoreConfig config) {
        this.retry = config.retry();
        this.diagnosis = new Diagnosis(config.endpoint());
        this.wire = Wire.open(config, clock);
    }

    @Override
    public Page list(String bucket, String prefix, @Nullable String startAfter) {
        Target target = Target.of("listing", bucket, prefix);
        String token = null;
        while (true) {
            String continuation = token;
            ListingPage page = request(target, Repeat.FREELY, () -> {
                try (Response answer =
                        wire.send(Method.GET, bucket, null, Map.of(), query(prefix, startAfter, continuation), null)) {
                    return ListingPage.read(answer.body().byteStream());
                }
            });
            page.requireOrder(target, prefix, startAfter);
            // A page may be empty and yet not the last (a store that filters what it lists).
            if (page.next() == null || !page.objects().isEmpty()) {
                return new Page(page.objects(), page.next() == null);
            }
            token = page.next();
        }
    }

    private static Map<String, String> query(
            String prefix, @Nullable String startAfter, @Nullable String continuation) {
        Map<String, String> query = new HashMap<>();
        query.put("list-type", "2");
        query.put("encoding-type", "url");
        query.put("max-keys", "1000");
        query.put("prefix", prefix);
        if (continuation != null) {
            query.put("continuation-token", continuation);
        } else if (startAfter != null) {
            query.put("start-after", startAfter);
        }
        return query;
    }

    @Override
    public Optional<ObjectInfo> head(String bucket, String key) {
        Target target = Target.of("looking at", bucket, addressable(key));
        try {
            return Optional.of(request(target, Repeat.FREELY, () -> {
                try (Response answer = wire.send(Method.HEAD, bucket, key, Map.of(), Map.of(), null)) {
                    return info(key, answer);
                }
            }));
        } catch (StoreException.NoSuchKey e) {
            return Optional.empty();
        }
    }

    @Override
    public ObjectBody get(String bucket, String key, ReadOptions options) {
        Target target = Target.of("reading", bucket, addressable(key));
        if (options.length() == 0) {
            return empty(target, bucket, key, options);
        }
        Response answer = open(target, bucket, key, options);
        ObjectInfo info = info(key, answer);
        InputStream body = new ResumingBody(target, answer.body().byteStream(), options.offset(), offset -> {
            long rest = options.length() < 0 ? -1 : options.offset() + options.length() - offset;
            return offset >= info.size() || rest == 0
                    ? InputStream.nullInputStream()
                    : open(target, bucket, key, new ReadOptions(offset, rest, info.etag()))
                            .body()
                            .byteStream();
        });
        return new ObjectBody(info, body);
    }

    @Override
    public URI presign(String bucket, String key, Duration validFor) {
        return wire.presign(bucket, addressable(key), validFor);
    }

    @Override
    public InputStream open(URI presigned) {
        // The query is the signature, and nobody's business in a log.
        Target target = Target.of("reading", presigned.getHost(), presigned.getPath());
        return request(target, Repeat.FREELY, () -> wire.fetch(presigned))
                .body()
                .byteStream();
    }

    private Response open(Target target, String bucket, String key, ReadOptions options) {
        Map<String, String> headers = new HashMap<>();
        if (options.offset() > 0 || options.length() >= 0) {
            String end = options.length() < 0 ? "" : Long.toString(options.offset() + options.length() - 1);
            headers.put("Range", "bytes=" + options.offset() + "-" + end);
        }
        if (options.ifMatch() != null) {
            headers.put("If-Match", quoted(options.ifMatch()));
        }
        return request(target, Repeat.FREELY, () -> wire.send(Method.GET, bucket, key, headers, Map.of(), null));
    }

    /** HTTP has no range of no bytes. */
    private ObjectBody empty(Target target, String bucket, String key, ReadOptions options) {
        ObjectInfo info = head(bucket, key)
                .orElseThrow(() -> new StoreException.NoSuchKey("there is no object " + target.uri(), null));
        if (options.ifMatch() != null && !options.ifMatch().equals(info.etag())) {
            throw new StoreException.PreconditionFailed(target + ": it has another ETag by now", null);
        }
        return new ObjectBody(info, InputStream.nullInputStream());
    }

    @Override
    public Written put(String bucket, String key, byte[] body, String contentType, Precondition precondition) {
        Map<String, String> headers = new HashMap<>();
        headers.put("Content-Type", contentType);
        switch (precondition) {
            case Precondition.None _ -> {}
            case Precondition.Absent _ -> headers.put("If-None-Match", "*");
            case Precondition.Match(String etag) -> headers.put("If-Match", quoted(etag));
        }
        Repeat repeat = precondition instanceof Precondition.None ? Repeat.FREELY : Repeat.UNLESS_SENT;
        return request(Target.of("writing", bucket, addressable(key)), repeat, () -> {
            try (Response answer = wire.send(Method.PUT, bucket, key, headers, Map.of(), body)) {
                return new Written(key, ObjectInfo.unquoted(answer.header("ETag", "")), body.length);
            }
        });
    }

    @Override
    public Written put(String bucket, String key, InputStream body, long length, String contentType) {
        Target target = Target.of("writing", bucket, addressable(key));
        if (length <= PART) {
            return put(bucket, key, readFully(target, body, length), contentType, Precondition.NONE);
        }
        return request(target, Repeat.NEVER, () -> {
            PutObjectArgs args = PutObjectArgs.builder().bucket(bucket).object(key).stream(body, length, PART)
                    .contentType(contentType)
                    .build();
            String etag = Wire.await(wire.putObject(args)).etag();
            return new Written(key, ObjectInfo.unquoted(etag), length);
        });
    }

    private static byte[] readFully(Target target, InputStream body, long length) {
        try {
            byte[] bytes = body.readNBytes((int) length);
            if (bytes.length < length) {
                throw new StoreException.Refused(
                        target + ": " + length + " bytes were announced, the stream ended after " + bytes.length, null);
            }
            return bytes;
        } catch (IOException e) {
            throw new StoreException.Refused(target + ": what was to be written cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void copy(String bucket, String key, String etag, String toBucket, String toKey) {
        Target target = Target.of("copying", bucket, addressable(key));
        long size = head(bucket, key)
                .orElseThrow(() -> new StoreException.NoSuchKey("there is no object " + target.uri(), null))
                .size();
        List<ComposeSource> parts = new ArrayList<>();
        for (long offset = 0; offset == 0 || offset < size; offset += PART) {
            ComposeSource.Builder part =
                    ComposeSource.builder().bucket(bucket).object(key).matchETag(quoted(etag));
            // A store is silent while it copies: in one piece, a large object would take longer than we wait for an
            // answer.
            parts.add((size <= PART ? part : part.offset(offset).length(Math.min(PART, size - offset))).build());
        }
        ComposeObjectArgs copy = ComposeObjectArgs.builder()
                .bucket(toBucket)
                .object(addressable(toKey))
                .sources(parts)
                .build();
        request(target, Repeat.FREELY, () -> Wire.await(wire.composeObject(copy)));
    }

    @Override
    public void delete(String bucket, Collection<String> keys) {
        Target target = Target.of("deleting from", bucket, null);
        for (String key : keys) {
            if (!DeleteBatch.carries(key)) {
                deleteOne(bucket, key);
            }
        }
        for (byte[] batch :
                DeleteBatch.of(keys.stream().filter(DeleteBatch::carries).toList())) {
            request(target, Repeat.FREELY, () -> {
                try (Response answer = wire.send(
                        Method.POST,
                        bucket,
                        null,
                        Map.of("Content-Type", "application/xml"),
                        Map.of("delete", ""),
                        batch)) {
                    DeleteBatch.requireDeleted(target, answer.body().byteStream());
                    return target;
                }
            });
        }
    }

    private void deleteOne(String bucket, String key) {
        request(Target.of("deleting", bucket, addressable(key)), Repeat.FREELY, () -> {
            wire.send(Method.DELETE, bucket, key, Map.of(), Map.of(), null).close();
            return key;
        });
    }

    @Override
    public boolean bucketExists(String bucket) {
        try {
            request(Target.of("looking at", bucket, null), Repeat.FREELY, () -> {
                wire.send(Method.HEAD, bucket, null, Map.of(), Map.of(), null).close();
                return bucket;
            });
            return true;
        } catch (StoreException.NoSuchKey | StoreException.NoSuchBucket e) {
            return false;
        }
    }

    @Override
    public void createBucket(String bucket) {
        request(Target.of("creating bucket", bucket, null), Repeat.FREELY, () -> {
            try {
                Wire.await(
                        wire.makeBucket(MakeBucketArgs.builder().bucket(bucket).build()));
            } catch (Rejection r) {
                if (!r.code.equals("BucketAlreadyOwnedByYou")
                        && !(r.code.equals("BucketAlreadyExists") && bucketExists(bucket))) {
                    throw r;
                }
            }
            return bucket;
        });
    }

    @Override
    public Instant storeTime() {
        Instant now = clock.now();
        if (now != null) {
            return now;
        }
        Target target = Target.of("asking the time of", "", null);
        return request(target, Repeat.FREELY, () -> {
            try {
                wire.send(Method.HEAD, null, null, Map.of(), Map.of(), null).close();
            } catch (Rejection r) {
                if (clock.now() == null) {
                    throw r;
                }
            }
            Instant told = clock.now();
            if (told == null) {
                throw new IOException("its answers carry no Date header");
            }
            return told;
        });
    }

    @Override
    public void close() {
        wire.close();
    }

    /** When a request may be sent again. */
    private enum Repeat {
        /** It does the same however often it is sent. */
        FREELY,
        /** Only where the store cannot have acted; a lost reply is the caller's to settle. */
        UNLESS_SENT,
        /** Its body is gone. */
        NEVER
    }

    private interface Attempt<T> {
        T run() throws IOException, MinioException, GeneralSecurityException;
    }

    private <T> T request(Target target, Repeat repeat, Attempt<T> attempt) {
        long begin = System.nanoTime();
        for (int failed = 1; ; failed++) {
            try {
                return attempt.run();
            } catch (IOException e) {
                Duration spent = Duration.ofNanos(System.nanoTime() - begin);
                Duration retryAfter = e instanceof Rejection r ? r.retryAfter : null;
                Duration pause = mayRepeat(repeat, e, failed) ? retry.pause(failed, spent, retryAfter) : null;
                if (pause == null || !sleep(pause)) {
                    throw diagnosis.of(target, e, repeat == Repeat.UNLESS_SENT);
                }
            } catch (MinioException | GeneralSecurityException | IllegalArgumentException e) {
                throw new StoreException.Refused(target + ": " + e.getMessage(), e);
            }
        }
    }

    private static boolean mayRepeat(Repeat repeat, IOException e, int failed) {
        if (e instanceof InterruptedIOException && Thread.currentThread().isInterrupted()) {
            return false;
        }
        if (e instanceof Rejection r && r.credentialsExpired() && repeat != Repeat.NEVER) {
            return failed == 1; // The next attempt asks for credentials again.
        }
        return switch (repeat) {
            case NEVER -> false;
            case UNLESS_SENT -> e instanceof Rejection r ? r.hadNoEffect() : Diagnosis.neverSent(e);
            case FREELY -> e instanceof Rejection r ? r.passing() : !Diagnosis.isTrustProblem(e);
        };
    }

    private static boolean sleep(Duration pause) {
        try {
            Thread.sleep(pause);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static ObjectInfo info(String key, Response answer) {
        String range = answer.header("Content-Range");
        String size = range == null ? answer.header("Content-Length", "0") : range.substring(range.indexOf('/') + 1);
        String modified = answer.header("Last-Modified");
        return new ObjectInfo(
                key,
                answer.header("ETag", ""),
                Long.parseLong(size),
                modified == null ? Instant.EPOCH : DateTimeFormatter.RFC_1123_DATE_TIME.parse(modified, Instant::from));
    }

    private static String quoted(String etag) {
        return "\"" + etag + "\"";
    }

    /** HTTP clients and servers resolve dot segments, so that such a key would reach another object. */
    private static String addressable(String key) {
        for (String segment : key.split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                throw new StoreException.Refused(
                        "the key \"" + key + "\" has a segment \"" + segment
                                + "\", which no URL can carry: give the object another name",
                        null);
            }
        }
        if (key.isEmpty()) {
            throw new StoreException.Refused("an object's key is empty", null);
        }
        return key;
    }
}
