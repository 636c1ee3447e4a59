/**
 * Runs unmodified AWS Lambda handlers: CloudEvents and HTTP calls in, AWS' Runtime API (2018-06-01) out. Open {@link
 * dev.tidemill.functions.lambda.Bridge} first.
 *
 * <p>Everything between a caller's request and the runtime's answer happens on one event loop, so nothing here takes a lock.
 */
@NullMarked
package dev.tidemill.functions.lambda;

import org.jspecify.annotations.NullMarked;
