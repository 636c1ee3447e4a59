/** Tests of the Helm chart. Open {@link dev.tidemill.charts.ChartTest} first. */
@NullMarked
package dev.tidemill.charts;

import org.jspecify.annotations.NullMarked;
