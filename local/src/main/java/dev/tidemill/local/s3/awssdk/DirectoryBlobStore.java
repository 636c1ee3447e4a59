package dev.tidemill.local.s3.awssdk;

import com.google.common.io.ByteStreams;
import dev.tidemill.local.s3.awssdk.Uploads.Upload;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.gaul.s3proxy.blobstore.SdkResponses;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.Bucket;
import software.amazon.awssdk.services.s3.model.BucketCannedACL;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.CreateBucketResponse;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.DeleteObjectsRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.DeletedObject;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadBucketRequest;
import software.amazon.awssdk.services.s3.model.HeadBucketResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListBucketsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.StorageClass;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * Buckets as directories, objects as files below them: {@code <root>/<bucket>/<key>}. Files that a user copies in are objects at
 * the next listing. Everything is private; there are no versions.
 */
public final class DirectoryBlobStore implements BlobStore {

    private static final int PAGE = 1000;
    private static final int MINIMUM_PART = 5 << 20;

    private final Path root;
    private final Directories directories = new Directories();
    private final Publisher publisher;
    private final Uploads uploads;

    /**
     * @param root holds the buckets
     * @param internal holds what is being written; on the same disk as the root, for no other process
     */
    public DirectoryBlobStore(Path root, Path internal) throws IOException {
        this.root = root;
        Path scratch = internal.resolve("writing");
        Files.createDirectories(scratch);
        Files.createDirectories(internal.resolve("uploads"));
        try (DirectoryStream<Path> halfWritten = Files.newDirectoryStream(scratch)) {
            for (Path file : halfWritten) {
                Files.deleteIfExists(file);
            }
        }
        this.publisher = new Publisher(scratch);
        this.uploads = new Uploads(internal.resolve("uploads"));
    }

    /** File work whose {@link IOException} becomes an internal error of the endpoint. */
    private interface FileWork<T> {
        T run() throws IOException;
    }

    private static <T> T work(FileWork<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // Buckets

    private Path bucket(String name) {
        Path directory = root.resolve(name);
        if (name.startsWith(".") || name.contains("/") || !Files.isDirectory(directory)) {
            throw S3Exceptions.noSuchBucket(name, "no directory of that name");
        }
        return directory;
    }

    @Override
    public ListBucketsResponse list() {
        return work(() -> {
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

    @Override
    public HeadBucketResponse headBucket(HeadBucketRequest request) {
        Objects.requireNonNull(bucket(request.bucket()));
        return HeadBucketResponse.builder().build();
    }

    @Override
    public CreateBucketResponse createContainer(CreateBucketRequest request) {
        return work(() -> {
            if (Files.isDirectory(root.resolve(request.bucket()))) {
                throw S3Exceptions.bucketAlreadyOwnedByYou(request.bucket());
            }
            Files.createDirectories(root.resolve(request.bucket()));
            return CreateBucketResponse.builder().build();
        });
    }

    @Override
    public void deleteContainer(String name) {
        deleteBucket(name); // Never with what is in it: those are the user's files.
    }

    @Override
    public void deleteBucket(String name) {
        Path bucket = bucket(name);
        work(() -> {
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

    @Override
    public ListObjectsV2Response list(ListObjectsV2Request request) {
        Path bucket = bucket(request.bucket());
        String delimiter = request.delimiter();
        if (delimiter != null && !delimiter.isEmpty() && !delimiter.equals("/")) {
            throw new UnsupportedOperationException("a directory has no other delimiter than the slash");
        }
        String after = request.continuationToken() != null
                ? new String(Base64.getUrlDecoder().decode(request.continuationToken()), StandardCharsets.UTF_8)
                : Objects.requireNonNullElse(request.startAfter(), "");
        int limit = Objects.requireNonNullElse(request.maxKeys(), PAGE);
        Listing page = work(() -> new Listing(
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

    // Objects

    private Path file(Path bucket, String key) {
        Path file = bucket;
        for (String segment : key.split("/", -1)) {
            file = file.resolve(FileNames.ofSegment(segment));
        }
        return file;
    }

    private Path file(String bucket, String key) {
        return file(bucket(bucket), key);
    }

    @Override
    public PutObjectResponse putBlob(PutObjectRequest request, InputStream payload) {
        Path file = file(request.bucket(), request.key());
        Headers headers = new Headers(
                request.contentType(),
                request.contentEncoding(),
                request.contentDisposition(),
                request.cacheControl(),
                request.metadata());
        return work(() -> {
            Path written = publisher.write(payload, request.contentMD5());
            headers.attachTo(written);
            StoredFile stored = publisher.publish(
                    written,
                    file,
                    request.bucket(),
                    request.key(),
                    new Condition(request.ifMatch(), request.ifNoneMatch()));
            return SdkResponses.putResponse(quoted(stored.etag()));
        });
    }

    @Override
    public HeadObjectResponse blobMetadata(HeadObjectRequest request) {
        Path file = file(request.bucket(), request.key());
        return work(() -> {
            StoredFile stored = stored(file, request.bucket(), request.key());
            return SdkResponses.toHead(describe(file, stored, stored.size()).build());
        });
    }

    @Override
    public ResponseInputStream<GetObjectResponse> getBlob(GetObjectRequest request) {
        Path file = file(request.bucket(), request.key());
        return work(() -> {
            StoredFile stored = stored(file, request.bucket(), request.key());
            while (true) {
                FileChannel bytes = open(file, request);
                boolean handedOver = false;
                try {
                    StoredFile again = stored(file, request.bucket(), request.key());
                    if (again.equals(stored)) {
                        ResponseInputStream<GetObjectResponse> answer = read(file, stored, bytes, request);
                        handedOver = true;
                        return answer;
                    }
                    stored = again; // It was replaced between looking and opening.
                } finally {
                    if (!handedOver) {
                        bytes.close();
                    }
                }
            }
        });
    }

    private static FileChannel open(Path file, GetObjectRequest request) throws IOException {
        try {
            return FileChannel.open(file);
        } catch (FileSystemException e) {
            if (Files.isRegularFile(file)) {
                throw e;
            }
            throw S3Exceptions.noSuchKey(request.bucket(), request.key(), "no file of that name", e);
        }
    }

    private static ResponseInputStream<GetObjectResponse> read(
            Path file, StoredFile stored, FileChannel bytes, GetObjectRequest request) throws IOException {
        Condition.requireForRead(stored, request);
        ByteRange range = ByteRange.parse(request.range(), stored.size());
        if (range == null) {
            return SdkResponses.getResponse(
                    describe(file, stored, stored.size()).build(), Channels.newInputStream(bytes));
        }
        bytes.position(range.first());
        return SdkResponses.getResponse(
                describe(file, stored, range.length())
                        .contentRange("bytes " + range.first() + "-" + range.last() + "/" + stored.size())
                        .build(),
                ByteStreams.limit(Channels.newInputStream(bytes), range.length()));
    }

    private static GetObjectResponse.Builder describe(Path file, StoredFile stored, long length) throws IOException {
        Headers headers = Headers.of(file);
        return GetObjectResponse.builder()
                .contentLength(length)
                .eTag(quoted(stored.etag()))
                .lastModified(stored.lastModified())
                .contentType(headers.contentType())
                .contentEncoding(headers.contentEncoding())
                .contentDisposition(headers.contentDisposition())
                .cacheControl(headers.cacheControl())
                .metadata(headers.metadata());
    }

    private static StoredFile stored(Path file, String bucket, String key) throws IOException {
        StoredFile stored = StoredFile.read(file, key);
        if (stored == null) {
            throw S3Exceptions.noSuchKey(bucket, key, "no file of that name");
        }
        return stored;
    }

    @Override
    public DeleteObjectResponse removeBlob(DeleteObjectRequest request) {
        Path bucket = bucket(request.bucket());
        work(() -> publisher.remove(
                file(bucket, request.key()),
                bucket,
                request.bucket(),
                request.key(),
                new Condition(request.ifMatch(), null)));
        return DeleteObjectResponse.builder().build();
    }

    @Override
    public DeleteObjectsResponse removeBlobs(DeleteObjectsRequest request) {
        Path bucket = bucket(request.bucket());
        List<DeletedObject> deleted = new ArrayList<>();
        for (ObjectIdentifier object : request.delete().objects()) {
            work(() -> publisher.remove(
                    file(bucket, object.key()), bucket, request.bucket(), object.key(), Condition.NONE));
            deleted.add(DeletedObject.builder().key(object.key()).build());
        }
        return DeleteObjectsResponse.builder().deleted(deleted).build();
    }

    @Override
    public CopyObjectResponse copyBlob(CopyObjectRequest request) {
        Path source = file(request.sourceBucket(), request.sourceKey());
        Path target = file(request.destinationBucket(), request.destinationKey());
        return work(() -> {
            StoredFile original = stored(source, request.sourceBucket(), request.sourceKey());
            new Condition(request.copySourceIfMatch(), request.copySourceIfNoneMatch())
                    .require(original, request.sourceBucket(), request.sourceKey());
            Headers headers = request.metadataDirective() == MetadataDirective.REPLACE
                    ? new Headers(
                            request.contentType(),
                            request.contentEncoding(),
                            request.contentDisposition(),
                            request.cacheControl(),
                            request.metadata())
                    : Headers.of(source);
            Path written;
            try (InputStream bytes = Files.newInputStream(source)) {
                written = publisher.write(bytes, null);
            }
            headers.attachTo(written);
            StoredFile copy = publisher.publish(
                    written, target, request.destinationBucket(), request.destinationKey(), Condition.NONE);
            return SdkResponses.copyResponse(quoted(copy.etag()), copy.lastModified());
        });
    }

    // Uploads in parts

    @Override
    public MultipartUpload initiateMultipartUpload(CreateMultipartUploadRequest request) {
        Objects.requireNonNull(file(request.bucket(), request.key()));
        Headers headers = new Headers(
                request.contentType(),
                request.contentEncoding(),
                request.contentDisposition(),
                request.cacheControl(),
                request.metadata());
        return work(() -> new MultipartUpload(
                uploads.begin(request.bucket(), request.key(), headers).id(), request));
    }

    @Override
    public UploadPartResponse uploadMultipartPart(MultipartUpload mpu, UploadPartRequest request, InputStream payload) {
        return work(() -> {
            Upload upload = uploads.find(mpu.id());
            Path written = publisher.write(payload, request.contentMD5());
            return SdkResponses.uploadedPart(quoted(
                    uploads.addPart(upload, request.partNumber(), written).etag()));
        });
    }

    @Override
    public List<Part> listMultipartUpload(MultipartUpload mpu) {
        return work(() -> uploads.parts(uploads.find(mpu.id())).stream()
                .map(p -> SdkResponses.part(Integer.parseInt(p.key()), p.size(), quoted(p.etag()), p.lastModified()))
                .toList());
    }

    @Override
    public CompleteMultipartUploadResponse completeMultipartUpload(
            MultipartUpload mpu, CompleteMultipartUploadRequest request) {
        return work(() -> {
            Upload upload = uploads.find(mpu.id());
            List<Path> parts = request.multipartUpload().parts().stream()
                    .map(CompletedPart::partNumber)
                    .map(upload::part)
                    .toList();
            Path written;
            try (InputStream whole = uploads.concatenated(parts)) {
                written = publisher.write(whole, null);
            }
            upload.headers().attachTo(written);
            StoredFile stored = publisher.publish(
                    written,
                    file(upload.bucket(), upload.key()),
                    upload.bucket(),
                    upload.key(),
                    new Condition(request.ifMatch(), request.ifNoneMatch()));
            uploads.end(upload);
            return SdkResponses.completeResponse(quoted(stored.etag()));
        });
    }

    @Override
    public void abortMultipartUpload(MultipartUpload mpu) {
        work(() -> {
            uploads.end(uploads.find(mpu.id()));
            return mpu;
        });
    }

    @Override
    public List<software.amazon.awssdk.services.s3.model.MultipartUpload> listMultipartUploads(String bucket) {
        return work(() -> {
            List<software.amazon.awssdk.services.s3.model.MultipartUpload> found = new ArrayList<>();
            for (Upload upload : uploads.of(bucket)) {
                Instant begun = Files.getLastModifiedTime(upload.directory()).toInstant();
                found.add(SdkResponses.upload(upload.key(), upload.id(), begun));
            }
            return found;
        });
    }

    @Override
    public long getMinimumMultipartPartSize() {
        return MINIMUM_PART;
    }

    // Access: one account, everything its own

    @Override
    public BucketCannedACL getContainerAccess(String bucket) {
        Objects.requireNonNull(bucket(bucket));
        return BucketCannedACL.PRIVATE;
    }

    @Override
    public void setContainerAccess(String bucket, BucketCannedACL access) {
        if (access != BucketCannedACL.PRIVATE) {
            throw new UnsupportedOperationException("everything here is private");
        }
    }

    @Override
    public ObjectCannedACL getBlobAccess(String bucket, String key) {
        Objects.requireNonNull(file(bucket, key));
        return ObjectCannedACL.PRIVATE;
    }

    @Override
    public void setBlobAccess(String bucket, String key, ObjectCannedACL access) {
        if (access != ObjectCannedACL.PRIVATE) {
            throw new UnsupportedOperationException("everything here is private");
        }
    }

    private static String quoted(String etag) {
        return "\"" + etag + "\"";
    }
}
