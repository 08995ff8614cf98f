package dev.headrace.benchmarks;

import dev.headrace.buffer.BufferPool;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Our pool against Netty's allocators, as a loop uses them: {@code held} buffers are out at any
 * time, the oldest is given back and a new one taken, and its first bytes are written.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgsAppend = {
      "--enable-native-access=ALL-UNNAMED",
      "-Dio.netty.leakDetection.level=disabled"
    })
public class BufferPoolBenchmark {
  private static final int SIZE_BYTES = 4096;

  /** How many buffers are out. */
  @Param({"1", "512"})
  public int held;

  /** What hands them out. */
  @Param({"headrace", "adaptive", "pooled"})
  public String allocator;

  private final ArrayDeque<ByteBuf> out = new ArrayDeque<>();
  private ByteBufAllocator netty;
  private BufferPool pool;

  /** Fills the queue of buffers that are out. */
  @Setup
  public void fill() {
    Thread owner = Thread.currentThread();
    switch (allocator) {
      case "headrace" ->
          pool =
              new BufferPool(
                  () -> Thread.currentThread() == owner,
                  SIZE_BYTES,
                  64L << 20,
                  BufferPool.Pressure.IGNORED);
      case "adaptive" -> netty = new AdaptiveByteBufAllocator();
      default -> netty = new PooledByteBufAllocator(true);
    }
    for (int i = 0; i < held; i++) {
      out.add(take());
    }
  }

  /** Gives all back. */
  @TearDown
  public void empty() {
    out.forEach(ByteBuf::release);
    out.clear();
    if (pool != null) {
      pool.close();
    }
  }

  private ByteBuf take() {
    return pool != null ? pool.tryTake() : netty.directBuffer(SIZE_BYTES);
  }

  /** One buffer back, one buffer out. */
  @Benchmark
  public ByteBuf turnOver() {
    out.pollFirst().release();
    ByteBuf buffer = take();
    buffer.writeLong(held);
    out.addLast(buffer);
    return buffer;
  }
}
