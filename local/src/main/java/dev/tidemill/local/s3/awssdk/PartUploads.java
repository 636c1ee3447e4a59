package dev.tidemill.local.s3.awssdk;

import dev.tidemill.local.s3.awssdk.Uploads.Upload;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.gaul.s3proxy.blobstore.SdkResponses;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/** Uploads in parts, as S3 asks for them. */
final class PartUploads {

    private final Buckets buckets;
    private final Publisher publisher;
    private final Uploads uploads;

    PartUploads(Buckets buckets, Publisher publisher, Uploads uploads) {
        this.buckets = buckets;
        this.publisher = publisher;
        this.uploads = uploads;
    }

    MultipartUpload begin(CreateMultipartUploadRequest request) {
        Objects.requireNonNull(buckets.file(request.bucket(), request.key()));
        Headers headers = new Headers(
                request.contentType(),
                request.contentEncoding(),
                request.contentDisposition(),
                request.cacheControl(),
                request.metadata());
        return FileWork.work(() -> new MultipartUpload(
                uploads.begin(request.bucket(), request.key(), headers).id(), request));
    }

    UploadPartResponse add(MultipartUpload mpu, UploadPartRequest request, InputStream payload) {
        return FileWork.work(() -> {
            Upload upload = uploads.find(mpu.id());
            Path written = publisher.write(payload, request.contentMD5());
            return SdkResponses.uploadedPart(StoredFile.quoted(
                    uploads.addPart(upload, request.partNumber(), written).etag()));
        });
    }

    List<Part> parts(MultipartUpload mpu) {
        return FileWork.work(() -> uploads.parts(uploads.find(mpu.id())).stream()
                .map(p -> SdkResponses.part(
                        Integer.parseInt(p.key()), p.size(), StoredFile.quoted(p.etag()), p.lastModified()))
                .toList());
    }

    CompleteMultipartUploadResponse complete(MultipartUpload mpu, CompleteMultipartUploadRequest request) {
        return FileWork.work(() -> {
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
                    buckets.file(upload.bucket(), upload.key()),
                    upload.bucket(),
                    upload.key(),
                    new Condition(request.ifMatch(), request.ifNoneMatch()));
            uploads.end(upload);
            return SdkResponses.completeResponse(StoredFile.quoted(stored.etag()));
        });
    }

    void abort(MultipartUpload mpu) {
        FileWork.work(() -> {
            uploads.end(uploads.find(mpu.id()));
            return mpu;
        });
    }

    List<software.amazon.awssdk.services.s3.model.MultipartUpload> of(String bucket) {
        return FileWork.work(() -> {
            List<software.amazon.awssdk.services.s3.model.MultipartUpload> found = new ArrayList<>();
            for (Upload upload : uploads.of(bucket)) {
                Instant begun = Files.getLastModifiedTime(upload.directory()).toInstant();
                found.add(SdkResponses.upload(upload.key(), upload.id(), begun));
            }
            return found;
        });
    }
}
