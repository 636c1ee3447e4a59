package dev.tidemill.local.s3.awssdk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.BucketCannedACL;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.CreateBucketResponse;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.DeleteObjectsRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadBucketRequest;
import software.amazon.awssdk.services.s3.model.HeadBucketResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListBucketsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * Buckets as directories, objects as files below them: {@code <root>/<bucket>/<key>}. Files that a user copies in are objects at
 * the next listing. Everything is private; there are no versions.
 */
public final class DirectoryBlobStore implements BlobStore {

    private static final int MINIMUM_PART = 5 << 20;

    private final Buckets buckets;
    private final Blobs blobs;
    private final PartUploads uploads;

    /**
     * @param root holds the buckets
     * @param internal holds what is being written; on the same disk as the root, for no other process
     */
    public DirectoryBlobStore(Path root, Path internal) throws IOException {
        Path scratch = internal.resolve("writing");
        Files.createDirectories(scratch);
        Files.createDirectories(internal.resolve("uploads"));
        try (DirectoryStream<Path> halfWritten = Files.newDirectoryStream(scratch)) {
            for (Path file : halfWritten) {
                Files.deleteIfExists(file);
            }
        }
        Publisher publisher = new Publisher(scratch);
        buckets = new Buckets(root);
        blobs = new Blobs(buckets, publisher);
        uploads = new PartUploads(buckets, publisher, new Uploads(internal.resolve("uploads")));
    }

    @Override
    public ListBucketsResponse list() {
        return buckets.list();
    }

    @Override
    public HeadBucketResponse headBucket(HeadBucketRequest request) {
        return buckets.head(request);
    }

    @Override
    public CreateBucketResponse createContainer(CreateBucketRequest request) {
        return buckets.create(request);
    }

    /** Never with what is in it: those are the user's files. */
    @Override
    public void deleteContainer(String name) {
        buckets.delete(name);
    }

    @Override
    public void deleteBucket(String name) {
        buckets.delete(name);
    }

    @Override
    public ListObjectsV2Response list(ListObjectsV2Request request) {
        return buckets.list(request);
    }

    @Override
    public PutObjectResponse putBlob(PutObjectRequest request, InputStream payload) {
        return blobs.put(request, payload);
    }

    @Override
    public HeadObjectResponse blobMetadata(HeadObjectRequest request) {
        return blobs.head(request);
    }

    @Override
    public ResponseInputStream<GetObjectResponse> getBlob(GetObjectRequest request) {
        return blobs.get(request);
    }

    @Override
    public DeleteObjectResponse removeBlob(DeleteObjectRequest request) {
        return blobs.remove(request);
    }

    @Override
    public DeleteObjectsResponse removeBlobs(DeleteObjectsRequest request) {
        return blobs.remove(request);
    }

    @Override
    public CopyObjectResponse copyBlob(CopyObjectRequest request) {
        return blobs.copy(request);
    }

    @Override
    public MultipartUpload initiateMultipartUpload(CreateMultipartUploadRequest request) {
        return uploads.begin(request);
    }

    @Override
    public UploadPartResponse uploadMultipartPart(MultipartUpload mpu, UploadPartRequest request, InputStream payload) {
        return uploads.add(mpu, request, payload);
    }

    @Override
    public List<Part> listMultipartUpload(MultipartUpload mpu) {
        return uploads.parts(mpu);
    }

    @Override
    public CompleteMultipartUploadResponse completeMultipartUpload(
            MultipartUpload mpu, CompleteMultipartUploadRequest request) {
        return uploads.complete(mpu, request);
    }

    @Override
    public void abortMultipartUpload(MultipartUpload mpu) {
        uploads.abort(mpu);
    }

    @Override
    public List<software.amazon.awssdk.services.s3.model.MultipartUpload> listMultipartUploads(String bucket) {
        return uploads.of(bucket);
    }

    @Override
    public long getMinimumMultipartPartSize() {
        return MINIMUM_PART;
    }

    // Access: one account, everything its own

    @Override
    public BucketCannedACL getContainerAccess(String bucket) {
        Objects.requireNonNull(buckets.directory(bucket));
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
        Objects.requireNonNull(buckets.file(bucket, key));
        return ObjectCannedACL.PRIVATE;
    }

    @Override
    public void setBlobAccess(String bucket, String key, ObjectCannedACL access) {
        if (access != ObjectCannedACL.PRIVATE) {
            throw new UnsupportedOperationException("everything here is private");
        }
    }
}
