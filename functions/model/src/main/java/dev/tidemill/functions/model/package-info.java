/**
 * One model, served. Open {@link dev.tidemill.functions.model.ServedModel} first: it loads what the environment names ({@code graph}),
 * gathers requests ({@code batch}) and answers the Open Inference Protocol ({@code protocol}) and events ({@code event}).
 */
@NullMarked
package dev.tidemill.functions.model;

import org.jspecify.annotations.NullMarked;
