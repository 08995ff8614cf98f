/**
 * The zero-copy buffer pool.
 *
 * <pre>
 *   slab ─cut→ free ─tryTake→ application ─release→ free
 *                └─takeForRing→ kernel ─received→ application ─release→ free
 * </pre>
 */
package dev.headrace.buffer;
