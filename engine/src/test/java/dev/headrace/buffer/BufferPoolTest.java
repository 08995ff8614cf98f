package dev.headrace.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.fixture.LeakDetector;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The thread of the test is the pool's own; any other is a foreign one. */
@Timeout(60)
class BufferPoolTest {
  private static final int PAGE = 4096;
  private static final int LIMIT = (1 << 20) / PAGE;

  private final Thread own = Thread.currentThread();
  private final Counting pressure = new Counting();
  private final BufferPool pool =
      new BufferPool(() -> Thread.currentThread() == own, PAGE, 1 << 20, pressure);

  private static final class Counting implements BufferPool.Pressure {
    private final AtomicInteger shortages = new AtomicInteger();
    private final AtomicInteger reliefs = new AtomicInteger();

    @Override
    public void shortage() {
      shortages.incrementAndGet();
    }

    @Override
    public void relief() {
      reliefs.incrementAndGet();
    }
  }

  @AfterEach
  void nothingIsLeft() {
    pool.close();
    assertEquals(0, pool.stats().inUse());
    assertEquals(0, pool.stats().free());
    assertEquals(List.of(), LeakDetector.takeLeaks());
  }

  private static void elsewhere(Runnable task) {
    CompletableFuture.runAsync(task, command -> Thread.ofPlatform().start(command)).join();
  }

  @Test
  void aBufferGoesBackToItsPoolAndComesAgain() {
    ByteBuf first = pool.tryTake();
    assertEquals(PAGE, first.writableBytes());
    assertEquals(1, pool.stats().inUse());
    first.writeLong(1);
    first.release();
    assertEquals(0, pool.stats().inUse());
    ByteBuf again = pool.tryTake();
    assertSame(first, again);
    assertEquals(0, again.readableBytes());
    again.release();
  }

  @Test
  void aForeignThreadTakesAndGivesBack() {
    elsewhere(() -> pool.tryTake().release());
    ByteBuf mine = pool.tryTake();
    elsewhere(mine::release);
    ByteBuf[] theirs = new ByteBuf[1];
    elsewhere(() -> theirs[0] = pool.tryTake());
    theirs[0].release();
    assertEquals(0, pool.stats().inUse());
    assertEquals(LIMIT, pool.stats().free());
  }

  @Test
  void everyBufferStartsOnAPage() {
    List<ByteBuf> all = takeAll();
    assertEquals(LIMIT, all.size());
    for (ByteBuf buffer : all) {
      assertEquals(0, buffer.memoryAddress() % PAGE);
    }
    all.forEach(ByteBuf::release);
  }

  @Test
  void atItsBoundItGivesNothingAndCountsIt() {
    List<ByteBuf> all = takeAll();
    assertNull(pool.tryTake());
    elsewhere(() -> assertNull(pool.tryTake()));
    assertEquals(3, pool.stats().refused());
    assertEquals(LIMIT, pool.stats().peak());
    all.removeLast().release();
    ByteBuf last = pool.tryTake();
    assertNotNull(last);
    all.add(last);
    all.forEach(ByteBuf::release);
  }

  private List<ByteBuf> takeAll() {
    List<ByteBuf> all = new ArrayList<>();
    for (ByteBuf buffer = pool.tryTake(); buffer != null; buffer = pool.tryTake()) {
      all.add(buffer);
    }
    return all;
  }

  @Test
  void aRingIsRefilledPastTheBoundFromOutsideAndThatIsCounted() {
    List<ByteBuf> all = takeAll();
    ByteBuf outside = pool.takeForRing();
    assertEquals(PAGE, outside.writableBytes());
    assertEquals(1, pool.stats().overflowed());
    assertEquals(LIMIT, pool.stats().inUse());
    outside.release();
    all.forEach(ByteBuf::release);
  }

  @Test
  void whatTheRingFilledIsHandedOnItself() {
    ByteBuf filled = pool.takeForRing();
    ByteBuf received = filled.retainedSlice(0, 10);
    filled.writerIndex(10);
    filled.release();
    assertSame(filled, received);
    assertEquals(10, received.readableBytes());
    ByteBuf slice = received.retainedSlice(2, 3); // a later slice is one
    assertEquals(3, slice.readableBytes());
    slice.release();
    received.release();
    assertEquals(0, pool.stats().inUse());
  }

  @Test
  void aShortageIsToldOnceAndItsReliefOnce() {
    List<ByteBuf> held = new ArrayList<>();
    while (pool.stats().inUse() < LIMIT / 2) {
      held.add(pool.takeForRing());
    }
    assertEquals(0, pressure.shortages.get());
    for (int i = 0; i < 10; i++) {
      held.add(pool.takeForRing());
    }
    assertEquals(1, pressure.shortages.get());
    assertTrue(pool.isShort());
    while (pool.stats().inUse() > LIMIT / 4 + 1) {
      held.removeLast().release();
    }
    assertEquals(0, pressure.reliefs.get());
    elsewhere(() -> held.removeLast().release());
    assertEquals(1, pressure.reliefs.get());
    held.forEach(ByteBuf::release);
    assertEquals(1, pressure.reliefs.get());
    assertEquals(false, pool.isShort());
  }

  @Test
  void closedItGivesNothingMoreAndFreesItsMemoryWithTheLastBuffer() {
    ByteBuf mine = pool.tryTake();
    ByteBuf other = pool.tryTake();
    pool.close();
    assertEquals(2, pool.stats().inUse());
    mine.writeLong(42);
    assertEquals(42, mine.readLong());
    mine.release();
    elsewhere(other::release);
    assertEquals(0, pool.stats().inUse());
    assertEquals(0, pool.stats().free());
    assertThrows(IllegalStateException.class, pool::tryTake);
  }

  @Test
  void aBufferThatIsForgottenIsReported() {
    BufferPool lossy = new BufferPool(() -> true, PAGE, 1 << 20, BufferPool.Pressure.IGNORED);
    forgetOne(lossy);
    List<String> leaks = LeakDetector.takeLeaks();
    assertEquals(1, leaks.size(), leaks::toString);
    assertTrue(leaks.getFirst().contains("PoolBuffer"), leaks::toString);
    assertEquals(1, lossy.stats().inUse());
  }

  private static void forgetOne(BufferPool lossy) {
    lossy.tryTake().writeByte(1);
  }

  @Test
  void aBufferHoldsWhatItHoldsAndSaysWhatToDo() {
    ByteBuf buffer = pool.tryTake();
    UnsupportedOperationException refusal =
        assertThrows(UnsupportedOperationException.class, () -> buffer.capacity(2 * PAGE));
    assertTrue(refusal.getMessage().contains("4096"), refusal::getMessage);
    assertThrows(IndexOutOfBoundsException.class, () -> buffer.writeZero(PAGE + 1));
    buffer.release();
    assertThrows(io.netty.util.IllegalReferenceCountException.class, buffer::release);
  }

  @Test
  void badSizesAreRefusedWithTheirRange() {
    assertRefused(0, 1 << 20, "buffer size is 0");
    assertRefused(100, 1 << 20, "a multiple of 4096");
    assertRefused(2 << 20, 4 << 20, "at most 1048576");
    assertRefused(PAGE, PAGE, "pool limit is 4096 bytes: it must be 1048576 or more");
  }

  private static void assertRefused(int size, long limit, String message) {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> new BufferPool(() -> true, size, limit, BufferPool.Pressure.IGNORED));
    assertTrue(refusal.getMessage().contains(message), refusal::getMessage);
  }

  /** Whoever holds a buffer has written its name into it; two holders would find the other's. */
  @Test
  void anyOperationsOfAnyThreadsAddUp() throws Exception {
    ConcurrentLinkedQueue<ByteBuf> passedOn = new ConcurrentLinkedQueue<>();
    ExecutorService others = Executors.newFixedThreadPool(3);
    try {
      List<CompletableFuture<Void>> running = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        long seed = i;
        running.add(
            CompletableFuture.runAsync(() -> operateAtRandom(passedOn, new Random(seed)), others));
      }
      operateAtRandom(passedOn, new Random(99));
      running.forEach(CompletableFuture::join);
    } finally {
      others.shutdown();
    }
    passedOn.forEach(ByteBuf::release);
    BufferPoolStats stats = pool.stats();
    assertEquals(0, stats.inUse());
    assertEquals(LIMIT, stats.free());
    assertEquals(LIMIT, stats.limit());
    assertEquals(pressure.shortages.get(), pressure.reliefs.get());
  }

  private void operateAtRandom(ConcurrentLinkedQueue<ByteBuf> passedOn, Random random) {
    Deque<ByteBuf> held = new ArrayDeque<>();
    for (int i = 0; i < 20_000; i++) {
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          ByteBuf taken =
              Thread.currentThread() == own && random.nextBoolean()
                  ? pool.takeForRing()
                  : pool.tryTake();
          if (taken != null) {
            held.add(taken.writeLong(System.identityHashCode(taken)));
          }
        }
        case 2 -> giveBack(held.poll());
        case 3 -> {
          ByteBuf mine = held.poll();
          if (mine != null) {
            passedOn.add(mine);
          }
        }
        default -> giveBack(passedOn.poll());
      }
    }
    held.forEach(BufferPoolTest::giveBack);
  }

  private static void giveBack(ByteBuf buffer) {
    if (buffer != null) {
      assertEquals(System.identityHashCode(buffer), buffer.getLong(0));
      buffer.release();
    }
  }
}
