package dev.tidemill.local.s3.awssdk;

import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.gaul.s3proxy.blobstore.SdkResponses;
import software.amazon.awssdk.services.s3.model.Bucket;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.CreateBucketResponse;
import software.amazon.awssdk.services.s3.model.HeadBucketRequest;
import software.amazon.awssdk.services.s3.model.HeadBucketResponse;
import software.amazon.awssdk.services.s3.model.ListBucketsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.StorageClass;

/** Buckets as directories, and where in them a key's file lies. */
final class Buckets {

    private static final int PAGE = 1000;

    private final Path root;
    private final Directories directories = new Directories();

    Buckets(Path root) {
        this.root = root;
    }

    /** The directory of a bucket that is there. */
    Path directory(String name) {
        Path directory = root.resolve(name);
        if (name.startsWith(".") || name.contains("/") || !Files.isDirectory(directory)) {
            throw S3Exceptions.noSuchBucket(name, "no directory of that name");
        }
        return directory;
    }

    ListBucketsResponse list() {
        return FileWork.work(() -> {
            List<Bucket> buckets = new ArrayList<>();
            try (DirectoryStream<Path> children = Files.newDirectoryStream(
                    root,
                    p -> Files.isDirectory(p) && !p.getFileName().toString().startsWith("."))) {
                for (Path child : children) {
                    Instant created = Files.getLastModifiedTime(child).toInstant();
                    buckets.add(SdkResponses.bucket(String.valueOf(child.getFileName()), created));
                }
            }
            return ListBucketsResponse.builder().buckets(buckets).build();
        });
    }

    HeadBucketResponse head(HeadBucketRequest request) {
        Objects.requireNonNull(directory(request.bucket()));
        return HeadBucketResponse.builder().build();
    }

    CreateBucketResponse create(CreateBucketRequest request) {
        return FileWork.work(() -> {
            if (Files.isDirectory(root.resolve(request.bucket()))) {
                throw S3Exceptions.bucketAlreadyOwnedByYou(request.bucket());
            }
            Files.createDirectories(root.resolve(request.bucket()));
            return CreateBucketResponse.builder().build();
        });
    }

    void delete(String name) {
        Path bucket = directory(name);
        FileWork.work(() -> {
            if (!new Listing(directories, "", "", false, 1)
                    .read(bucket)
                    .objects()
                    .isEmpty()) {
                throw S3Exceptions.bucketNotEmpty(name);
            }
            try (var tree = Files.walk(bucket)) {
                for (Path directory : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(directory);
                }
            }
            return name;
        });
    }

    ListObjectsV2Response list(ListObjectsV2Request request) {
        Path bucket = directory(request.bucket());
        String delimiter = request.delimiter();
        if (delimiter != null && !delimiter.isEmpty() && !delimiter.equals("/")) {
            throw new UnsupportedOperationException("a directory has no other delimiter than the slash");
        }
        String after = request.continuationToken() != null
                ? new String(Base64.getUrlDecoder().decode(request.continuationToken()), StandardCharsets.UTF_8)
                : Objects.requireNonNullElse(request.startAfter(), "");
        int limit = Objects.requireNonNullElse(request.maxKeys(), PAGE);
        Listing page = FileWork.work(() -> new Listing(
                        directories,
                        Objects.requireNonNullElse(request.prefix(), ""),
                        after,
                        "/".equals(delimiter),
                        limit)
                .read(bucket));
        List<S3Object> objects = page.objects().stream()
                .map(o ->
                        SdkResponses.objectEntry(o.key(), o.etag(), o.lastModified(), o.size(), StorageClass.STANDARD))
                .toList();
        List<CommonPrefix> folders =
                page.folders().stream().map(SdkResponses::commonPrefix).toList();
        String next = limit == 0 ? null : page.next();
        return SdkResponses.objectsPage(
                objects,
                folders,
                // XML cannot carry every key, base64 can.
                next == null
                        ? null
                        : Base64.getUrlEncoder()
                                .withoutPadding()
                                .encodeToString(next.getBytes(StandardCharsets.UTF_8)));
    }

    /** The file of a key in a bucket's directory. */
    static Path file(Path bucket, String key) {
        Path file = bucket;
        for (String segment : key.split("/", -1)) {
            file = file.resolve(FileNames.ofSegment(segment));
        }
        return file;
    }

    /** The file of a key, whether it is there or not. */
    Path file(String bucket, String key) {
        return file(directory(bucket), key);
    }
}
