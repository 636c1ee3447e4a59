/**
 * What comes in and goes out as events: the address to which brokers deliver ({@link dev.tidemill.operator.events.Inbox}), the
 * Brokers, Triggers and schedules of a namespace ({@link dev.tidemill.operator.events.EventingManifests}), and the store's
 * notifications on their way to whoever declared the prefix ({@link dev.tidemill.operator.events.StoreInbox}).
 */
@NullMarked
package dev.tidemill.operator.events;

import org.jspecify.annotations.NullMarked;
