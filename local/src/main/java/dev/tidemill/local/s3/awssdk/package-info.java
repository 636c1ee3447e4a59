/**
 * What S3Proxy stores things in: plain files, so that a user can copy data in and look at results. Open
 * {@link DirectoryBlobStore} first.
 *
 * <p>The package is called {@code awssdk} because S3Proxy looks at a store's class name to know what it can do, and
 * {@code .awssdk.} is the name of those whose writes settle {@code If-Match} and {@code If-None-Match} themselves. Under any other
 * name it refuses conditional writes, or checks the condition before the write, where a race has many winners.
 */
@NullMarked
package dev.tidemill.local.s3.awssdk;

import org.jspecify.annotations.NullMarked;
