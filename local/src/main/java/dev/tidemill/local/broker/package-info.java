/** A CloudEvents broker inside the command, with the delivery rules of a cluster's. Open {@link dev.tidemill.local.broker.Broker} first. */
@NullMarked
package dev.tidemill.local.broker;

import org.jspecify.annotations.NullMarked;
