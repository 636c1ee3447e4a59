/** An S3 endpoint over a directory, for the laptop. Open {@link EmbeddedS3} first. */
@NullMarked
package dev.tidemill.local.s3;

import org.jspecify.annotations.NullMarked;
