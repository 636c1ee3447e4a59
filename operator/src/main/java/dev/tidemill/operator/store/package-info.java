/** ObjectStores: what a store was measured to do, who may use which prefix of it, and credentials that open no more. */
@NullMarked
package dev.tidemill.operator.store;

import org.jspecify.annotations.NullMarked;
