/**
 * Who may call a function: the serving container in front of a function's own. {@link dev.tidemill.functions.gate.Gate} is the server,
 * {@code Judge} decides about each request, {@code Exchange} carries it to the function and its answer back.
 */
@NullMarked
package dev.tidemill.functions.gate;

import org.jspecify.annotations.NullMarked;
