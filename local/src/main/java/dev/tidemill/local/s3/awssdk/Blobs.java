package dev.tidemill.local.s3.awssdk;

import com.google.common.io.ByteStreams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.gaul.s3proxy.blobstore.SdkResponses;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.DeleteObjectsRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.DeletedObject;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

/** Objects: written whole, read at one state, copied, removed. */
final class Blobs {

    private final Buckets buckets;
    private final Publisher publisher;

    Blobs(Buckets buckets, Publisher publisher) {
        this.buckets = buckets;
        this.publisher = publisher;
    }

    PutObjectResponse put(PutObjectRequest request, InputStream payload) {
        Path file = buckets.file(request.bucket(), request.key());
        Headers headers = new Headers(
                request.contentType(),
                request.contentEncoding(),
                request.contentDisposition(),
                request.cacheControl(),
                request.metadata());
        return FileWork.work(() -> {
            Path written = publisher.write(payload, request.contentMD5());
            headers.attachTo(written);
            StoredFile stored = publisher.publish(
                    written,
                    file,
                    request.bucket(),
                    request.key(),
                    new Condition(request.ifMatch(), request.ifNoneMatch()));
            return SdkResponses.putResponse(StoredFile.quoted(stored.etag()));
        });
    }

    HeadObjectResponse head(HeadObjectRequest request) {
        Path file = buckets.file(request.bucket(), request.key());
        return FileWork.work(() -> {
            StoredFile stored = stored(file, request.bucket(), request.key());
            return SdkResponses.toHead(describe(file, stored, stored.size()).build());
        });
    }

    ResponseInputStream<GetObjectResponse> get(GetObjectRequest request) {
        Path file = buckets.file(request.bucket(), request.key());
        return FileWork.work(() -> {
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
                .eTag(StoredFile.quoted(stored.etag()))
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

    DeleteObjectResponse remove(DeleteObjectRequest request) {
        Path bucket = buckets.directory(request.bucket());
        FileWork.work(() -> publisher.remove(
                Buckets.file(bucket, request.key()),
                bucket,
                request.bucket(),
                request.key(),
                new Condition(request.ifMatch(), null)));
        return DeleteObjectResponse.builder().build();
    }

    DeleteObjectsResponse remove(DeleteObjectsRequest request) {
        Path bucket = buckets.directory(request.bucket());
        List<DeletedObject> deleted = new ArrayList<>();
        for (ObjectIdentifier object : request.delete().objects()) {
            FileWork.work(() -> publisher.remove(
                    Buckets.file(bucket, object.key()), bucket, request.bucket(), object.key(), Condition.NONE));
            deleted.add(DeletedObject.builder().key(object.key()).build());
        }
        return DeleteObjectsResponse.builder().deleted(deleted).build();
    }

    CopyObjectResponse copy(CopyObjectRequest request) {
        Path source = buckets.file(request.sourceBucket(), request.sourceKey());
        Path target = buckets.file(request.destinationBucket(), request.destinationKey());
        return FileWork.work(() -> {
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
            return SdkResponses.copyResponse(StoredFile.quoted(copy.etag()), copy.lastModified());
        });
    }
}
