package dev.headrace.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.headrace.fixture.Wire;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Interrupts at random moments race against completion: no byte is lost, none comes twice. */
class CancelRaceTest {
  private static final long BUDGET_NANOS = TimeUnit.MILLISECONDS.toNanos(1200);

  private static final Comparator<Task<?>> FAILED_FIRST =
      Comparator.comparing(task -> !task.hasFailed());

  private interface Round {
    /** Starts the tasks that are to be interrupted until they are done. */
    List<Task<?>> start(Random random, byte[] content) throws Exception;
  }

  private static void race(Round round) {
    long start = System.nanoTime();
    for (long seed = start; System.nanoTime() - start < BUDGET_NANOS; seed++) {
      Random random = new Random(seed);
      byte[] content = Wire.randomBytes(random, 1 + random.nextInt(4000));
      try {
        List<Task<?>> tasks = round.start(random, content);
        while (!tasks.stream().allMatch(Task::isDone)
            && tasks.stream().noneMatch(Task::hasFailed)) {
          tasks.get(random.nextInt(tasks.size())).interrupt();
          spin(random.nextInt(20_000));
        }
        for (Task<?> task : tasks.stream().sorted(FAILED_FIRST).toList()) {
          task.get();
        }
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + "L: " + e, e);
      }
    }
  }

  private static void spin(int times) {
    for (int i = 0; i < times; i++) {
      Thread.onSpinWait();
    }
  }

  private static <T> Task<T> start(Random random, Callable<T> body) {
    return random.nextBoolean() ? Task.start(body) : Task.startOnThread(body);
  }

  private static Void write(byte[] content, ByteSink sink, Random random) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(content);
    while (rest.hasRemaining()) {
      int count = Math.min(rest.remaining(), 1 + random.nextInt(400));
      if (random.nextBoolean()) {
        ByteBuffer piece = rest.slice(rest.position(), count);
        try {
          sink.write(piece);
        } catch (InterruptedIOException e) {
          // the position says how far it came
        }
        rest.position(rest.position() + piece.position());
      } else {
        ByteBuf piece =
            Buffers.of(Arrays.copyOfRange(content, rest.position(), rest.position() + count));
        try {
          sink.send(piece);
          rest.position(rest.position() + count);
        } catch (InterruptedIOException e) {
          piece.release();
        }
      }
    }
    return finish(sink);
  }

  private static Void finish(ByteSink sink) throws IOException {
    while (true) {
      try {
        sink.flush();
        sink.shutdownOutput();
        return null;
      } catch (InterruptedIOException e) {
        // and once more
      }
    }
  }

  private static byte[] read(ByteSource source, int size, Random random) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (true) {
      int left = size - all.size();
      int count = Math.min(left, 1 + random.nextInt(200));
      ByteBuffer target = ByteBuffer.allocate(Math.max(1, count));
      try {
        switch (random.nextInt(4)) {
          case 0 -> all.write(Streams.readExact(source, count));
          case 1 -> Streams.readExact(source, target.limit(count));
          case 2 -> all.write(Streams.readToEnd(source, left));
          default -> {
            if (source.read(target) < 0) {
              return all.toByteArray();
            }
          }
        }
      } catch (InterruptedIOException e) {
        // goes on where it was
      }
      all.write(target.array(), 0, target.position());
    }
  }

  @AfterEach
  void everyBufferIsReleased() {
    Buffers.assertNoneLeaked();
  }

  @Test
  void readersAndWritersOfAPipe() {
    race(
        (random, content) -> {
          Halves pipe = Pipes.simplex(1 + random.nextInt(600));
          long seed = random.nextLong();
          return List.of(
              start(random, () -> write(content, pipe.sink(), new Random(seed))),
              start(
                  random,
                  () -> {
                    byte[] all = read(pipe.source(), content.length, new Random(seed));
                    assertArrayEquals(content, all);
                    return null;
                  }));
        });
  }

  @Test
  void bufferedReadersAndWritersOfAPipe() {
    race(
        (random, content) -> {
          Halves pipe = Pipes.simplex(1 + random.nextInt(600));
          long seed = random.nextLong();
          BufferedSink sink = new BufferedSink(pipe.sink(), 8 + random.nextInt(300));
          BufferedSource source = new BufferedSource(pipe.source());
          return List.of(
              start(random, () -> write(content, sink, new Random(seed))),
              start(
                  random,
                  () -> {
                    byte[] all = read(source, content.length, new Random(seed));
                    assertArrayEquals(content, all);
                    return null;
                  }));
        });
  }

  @Test
  void frameReadersAndWriters() {
    race(
        (random, content) -> {
          Pipes.Duplex pair = Pipes.duplex(1 + random.nextInt(600));
          int frames = 1 + random.nextInt(20);
          return List.of(
              start(random, () -> writeFrames(pair.left(), content, frames)),
              start(random, () -> readFrames(pair.right(), content, frames)));
        });
  }

  private static Codec<ByteBuf> codec() {
    return Codecs.lengthDelimited(LengthDelimited.upTo(4000).withField(1, 2));
  }

  private static Void writeFrames(ByteStream stream, byte[] content, int frames)
      throws IOException {
    FrameWriter<ByteBuf> writer = new FrameWriter<>(stream, codec());
    for (int i = 0; i < frames; ) {
      ByteBuf message = Buffers.of(Arrays.copyOf(content, content.length * i / frames));
      try {
        writer.write(message);
        i++;
      } catch (InterruptedIOException e) {
        message.release();
      }
    }
    while (true) {
      try {
        writer.flush();
        writer.shutdownOutput();
        return null;
      } catch (InterruptedIOException e) {
        // and once more
      }
    }
  }

  private static Void readFrames(ByteStream stream, byte[] content, int frames) throws IOException {
    FrameReader<ByteBuf> reader = new FrameReader<>(stream, codec());
    for (int i = 0; i <= frames; ) {
      try {
        ByteBuf message = reader.read();
        if (message == null) {
          assertEquals(frames, i);
          return null;
        }
        assertArrayEquals(
            Arrays.copyOf(content, content.length * i / frames), Buffers.bytes(message));
        i++;
      } catch (InterruptedIOException e) {
        // and once more
      }
    }
    throw new AssertionError("a frame too many");
  }

  @Test
  void aProxyThatIsInterruptedAgainAndAgain() {
    race(
        (random, content) -> {
          Pipes.Duplex front = Pipes.duplex(1 + random.nextInt(600));
          Pipes.Duplex back = Pipes.duplex(1 + random.nextInt(600));
          long seed = random.nextLong();
          // writer and reader = front = proxy = back = echo; all but the echo are interrupted
          Task<Void> echo =
              start(
                  random,
                  () -> {
                    Streams.copy(back.right(), back.right());
                    back.right().shutdownOutput();
                    return null;
                  });
          Task<Void> proxy =
              start(
                  random,
                  () -> {
                    while (true) {
                      try {
                        Streams.copyBidirectional(front.right(), back.left());
                        return echo.get();
                      } catch (InterruptedIOException | InterruptedException e) {
                        // and once more
                      }
                    }
                  });
          return List.of(
              proxy,
              start(random, () -> write(content, front.left(), new Random(seed))),
              start(
                  random,
                  () -> {
                    byte[] all = read(front.left(), content.length, new Random(seed));
                    assertArrayEquals(content, all);
                    return null;
                  }));
        });
  }
}
