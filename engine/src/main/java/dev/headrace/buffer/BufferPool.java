package dev.headrace.buffer;

import dev.headrace.internal.lock.ShortLock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The buffers of one loop: page-aligned, of one size, bounded in number.
 *
 * <p>A buffer has one owner: it is free (here), with the kernel (in a provided-buffer ring), with
 * the engine or with the application. Who holds one gives it back with {@link ByteBuf#release()},
 * on any thread. On the loop's own thread taking and giving back touch no lock; other threads pass
 * through a locked side door.
 *
 * <p>Memory is allocated in slabs as it is first needed, and freed when the pool is closed and the
 * last buffer has come back.
 */
public final class BufferPool implements AutoCloseable {
  private static final int SLAB_BYTES = 1 << 20;
  private static final VarHandle IS_SHORT;

  static {
    try {
      IS_SHORT = MethodHandles.lookup().findVarHandle(BufferPool.class, "isShort", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Told when the pool runs short, so that reading pauses before the bound, and resumes. */
  public interface Pressure {
    /** No pressure is handled: for pools that back no ring. */
    Pressure IGNORED =
        new Pressure() {
          @Override
          public void shortage() {}

          @Override
          public void relief() {}
        };

    /** Half of the buffers are in use. Called on the pool's own thread. */
    void shortage();

    /** No more than a quarter is in use again. Called on whichever thread gave a buffer back. */
    void relief();
  }

  private final BooleanSupplier onOwnThread;
  private final Pressure pressure;
  private final int bufferSizeBytes;
  private final int limit;

  // The own thread's side: no other thread touches these, but for reading counts.
  private final ArrayDeque<PoolBuffer> free = new ArrayDeque<>();
  private int ownInUse;
  private int peak;
  private long overflowed;

  // The side door: guarded by the lock.
  private final ShortLock lock = new ShortLock();
  private final List<Slab> slabs = new ArrayList<>();
  private final ArrayDeque<PoolBuffer> returned = new ArrayDeque<>();
  private volatile int sideInUse;
  private volatile int allocated;
  private volatile long refused;
  private volatile boolean isShort;
  private volatile boolean closed;

  /**
   * Makes a pool; no memory is allocated before the first buffer is taken.
   *
   * @param onOwnThread says whether the calling thread is the loop that owns the pool
   * @param bufferSizeBytes the size of a buffer, a multiple of 4,096 and at most 1 MiB
   * @param limitBytes the most memory that the pool may take, 1 MiB or more
   * @param pressure told when the pool runs short
   */
  public BufferPool(
      BooleanSupplier onOwnThread, int bufferSizeBytes, long limitBytes, Pressure pressure) {
    if (bufferSizeBytes <= 0
        || bufferSizeBytes % Slab.PAGE_BYTES != 0
        || bufferSizeBytes > SLAB_BYTES) {
      throw new IllegalArgumentException(
          "buffer size is "
              + bufferSizeBytes
              + ": it must be a multiple of "
              + Slab.PAGE_BYTES
              + ", at most "
              + SLAB_BYTES);
    }
    if (limitBytes < SLAB_BYTES) {
      throw new IllegalArgumentException(
          "pool limit is " + limitBytes + " bytes: it must be " + SLAB_BYTES + " or more");
    }
    this.onOwnThread = onOwnThread;
    this.bufferSizeBytes = bufferSizeBytes;
    this.limit = (int) Math.min(Integer.MAX_VALUE, limitBytes / bufferSizeBytes);
    this.pressure = pressure;
  }

  /**
   * Takes an empty buffer; any thread may.
   *
   * @return a buffer of {@link #bufferSizeBytes()}, the caller's until it is released; null at the
   *     pool's bound: the caller waits, or reads no further
   * @throws IllegalStateException when the pool is closed
   */
  public ByteBuf tryTake() {
    PoolBuffer buffer = onOwnThread.getAsBoolean() ? takeOwn() : takeSide();
    if (buffer == null) {
      refuse();
      return null;
    }
    return buffer.taken();
  }

  /**
   * As {@link #tryTake}, but allocates nothing, so that it never waits: for who holds a short lock.
   *
   * @return a buffer; null when none is free, and when the pool is closed
   */
  public ByteBuf tryTakeAllocated() {
    PoolBuffer buffer;
    if (onOwnThread.getAsBoolean()) {
      buffer = free.isEmpty() && !fetch() ? null : takeOwn();
    } else {
      buffer = takeReturned();
    }
    return buffer == null ? null : buffer.taken();
  }

  /**
   * Takes a buffer that the kernel's ring will own; on the pool's own thread only. Netty's ring is
   * corrupted for good by an allocator that throws, so this one never fails: past the bound it
   * hands out memory from outside the pool, which {@link BufferPoolStats#overflowed()} counts.
   *
   * @return a buffer, never null
   */
  public ByteBuf takeForRing() {
    assert onOwnThread.getAsBoolean() : "a ring is refilled on its loop's own thread only";
    PoolBuffer buffer = takeOwn();
    if (buffer == null) {
      overflowed++;
      return Unpooled.directBuffer(bufferSizeBytes, bufferSizeBytes);
    }
    return buffer.taken().intoRing();
  }

  /**
   * Whether more than an eighth of the buffers are in use: from here on nobody should keep one for
   * a slow reader, but a copy. Any thread may ask.
   */
  public boolean isTight() {
    return inUse() > limit / 8;
  }

  /**
   * Whether more than a quarter is in use: from here on nobody should keep one at all, not even
   * while whoever takes it seems to be quick. Any thread may ask.
   */
  public boolean isScarce() {
    return inUse() > limit / 4;
  }

  private PoolBuffer takeOwn() {
    PoolBuffer buffer = free.pollFirst();
    if (buffer == null && refill()) {
      buffer = free.pollFirst();
    }
    if (buffer != null) {
      ownInUse++;
      peak = Math.max(peak, inUse());
    }
    if (!isShort && inUse() > limit / 2) {
      isShort = true;
      pressure.shortage();
      relieve(); // other threads may have given back what was short meanwhile
    }
    return buffer;
  }

  /** Fetches what other threads gave back, else allocates one slab more, within the bound. */
  private boolean refill() {
    return fetch() || grow() && fetch();
  }

  private boolean fetch() {
    lock.lock();
    try {
      free.addAll(returned);
      boolean fetched = !returned.isEmpty();
      returned.clear();
      return fetched;
    } finally {
      lock.unlock();
    }
  }

  private PoolBuffer takeSide() {
    PoolBuffer buffer = takeReturned();
    return buffer == null && grow() ? takeReturned() : buffer;
  }

  private PoolBuffer takeReturned() {
    lock.lock();
    try {
      PoolBuffer buffer = closed ? null : returned.pollFirst();
      if (buffer != null) {
        sideInUse++;
      }
      return buffer;
    } finally {
      lock.unlock();
    }
  }

  /** Allocates outside of the lock: near the host's bound the JDK collects garbage and sleeps. */
  private boolean grow() {
    int buffers = reserve();
    if (buffers == 0) {
      return false;
    }
    Slab slab = null;
    try {
      slab = new Slab(buffers, bufferSizeBytes);
    } catch (OutOfMemoryError e) {
      // The host's bound came before ours, and a ring's allocator must not throw.
    }
    lock.lock();
    try {
      if (slab == null || closed) {
        allocated -= buffers;
        if (slab != null) {
          slab.free();
        }
        return false;
      }
      slabs.add(slab);
      for (int i = 0; i < buffers; i++) {
        returned.add(new PoolBuffer(this, slab.slice(i)));
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** How many buffers may be allocated now, none at the bound; they count from now on. */
  private int reserve() {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the buffer pool is closed");
      }
      int buffers = Math.max(0, Math.min(SLAB_BYTES / bufferSizeBytes, limit - allocated));
      allocated += buffers;
      return buffers;
    } finally {
      lock.unlock();
    }
  }

  private void refuse() {
    lock.lock();
    try {
      refused++;
    } finally {
      lock.unlock();
    }
  }

  /** The last reference to a buffer is gone. */
  void giveBack(PoolBuffer buffer) {
    if (!closed && onOwnThread.getAsBoolean()) {
      free.addFirst(buffer);
      ownInUse--;
    } else {
      lock.lock();
      try {
        returned.addFirst(buffer);
        sideInUse--;
        freeWhenClosed();
      } finally {
        lock.unlock();
      }
    }
    relieve();
  }

  /**
   * Whoever gives back the last buffer that was wanting must see that it was the last: without the
   * fence two threads could each miss what the other has just given back.
   */
  private void relieve() {
    if (isShort) {
      VarHandle.fullFence();
      if (inUse() <= limit / 4 && IS_SHORT.compareAndSet(this, true, false)) {
        pressure.relief();
      }
    }
  }

  /** Whether it ran short, and more than a quarter of it is in use still. */
  public boolean isShort() {
    return isShort;
  }

  private void freeWhenClosed() {
    if (closed && inUse() == 0) {
      slabs.forEach(Slab::free);
      slabs.clear();
      returned.clear();
      free.clear();
      allocated = 0;
    }
  }

  /** The size of each buffer, in bytes. */
  public int bufferSizeBytes() {
    return bufferSizeBytes;
  }

  private int inUse() {
    return ownInUse + sideInUse;
  }

  /** The counts; any thread may ask, and reads the own thread's counts without stopping it. */
  public BufferPoolStats stats() {
    int inUse = inUse();
    return new BufferPoolStats(
        bufferSizeBytes,
        limit,
        Math.max(0, allocated - inUse),
        inUse,
        Math.max(peak, inUse),
        refused,
        overflowed);
  }

  /**
   * Hands out nothing more, and frees the memory once every buffer is back: at once when all are,
   * else with the last release. The owning loop must have ended.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      freeWhenClosed();
    } finally {
      lock.unlock();
    }
  }
}
