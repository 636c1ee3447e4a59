/**
 * The promises of a cluster, shown on a real one by the programs that users use: {@code helm}, {@code kubectl}, {@code mc}. Open
 * {@link dev.tidemill.cluster.RandDataIT} first.
 */
@NullMarked
package dev.tidemill.cluster;

import org.jspecify.annotations.NullMarked;
