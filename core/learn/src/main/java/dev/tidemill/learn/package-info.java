/**
 * What is learned from tables: sums over rows that can be merged, rounds that follow from them, and the ONNX graph that comes of it.
 * Open {@link dev.tidemill.learn.Learner} first. Who reads the shards and keeps the rounds is not known here.
 */
@NullMarked
package dev.tidemill.learn;

import org.jspecify.annotations.NullMarked;
