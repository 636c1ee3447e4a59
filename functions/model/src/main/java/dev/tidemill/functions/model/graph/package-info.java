/** What computes: an artifact is fetched, verified, loaded by its engine and compared with what the Model declares. */
@NullMarked
package dev.tidemill.functions.model.graph;

import org.jspecify.annotations.NullMarked;
