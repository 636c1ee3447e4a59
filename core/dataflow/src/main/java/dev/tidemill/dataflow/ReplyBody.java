package dev.tidemill.dataflow;

/**
 * The body of a reply, or its beginning.
 *
 * @param whole false when it was longer than {@link BoundedBody#LIMIT} and the rest was refused
 */
record ReplyBody(byte[] bytes, boolean whole) {}
