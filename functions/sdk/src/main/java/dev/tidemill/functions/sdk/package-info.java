/**
 * For functions on Funqy that work on Tidemill's shards: rows and columns in, a result out, and no word of S3. Open
 * {@link dev.tidemill.functions.sdk.Tidemill} first.
 */
@NullMarked
package dev.tidemill.functions.sdk;

import org.jspecify.annotations.NullMarked;
