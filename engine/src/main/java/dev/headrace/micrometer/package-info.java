/** The engine's statistics as Micrometer's meters: needs {@code io.micrometer:micrometer-core}. */
package dev.headrace.micrometer;
