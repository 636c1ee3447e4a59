/** What a handler gets as its {@code event}, made of what came in. Open {@link dev.tidemill.functions.lambda.event.HandlerEvents} first. */
@NullMarked
package dev.tidemill.functions.lambda.event;

import org.jspecify.annotations.NullMarked;
