package dev.headrace.buffer;

/**
 * The counts of one {@link BufferPool}.
 *
 * @param bufferSizeBytes the size of each buffer
 * @param limit how many buffers the pool may hold in all
 * @param free buffers allocated and not in use
 * @param inUse buffers handed out: to the kernel's ring, to the engine, to the application
 * @param peak the most that were ever in use at once
 * @param refused how often {@link BufferPool#tryTake()} found the pool at its bound
 * @param overflowed how often the kernel's ring had to be refilled past the bound, from outside the
 *     pool
 */
public record BufferPoolStats(
    int bufferSizeBytes, int limit, int free, int inUse, int peak, long refused, long overflowed) {}
