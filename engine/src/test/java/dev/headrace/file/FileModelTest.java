package dev.headrace.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.headrace.Engine;
import dev.headrace.Task;
import dev.headrace.fixture.FilePlace;
import dev.headrace.fixture.Rig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random operations on files, a task each, against bytes in memory. {@code -Dheadrace.test.rounds}
 * says how many there are; a failure names its seed.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.FilePlace#all")
@Timeout(600)
class FileModelTest {
  private static final int ROUNDS = Integer.getInteger("headrace.test.rounds", 1_000);
  private static final int TASKS = 4;
  private static final int MOST_BYTES = 100_000;

  @RegisterExtension final Rig rig = new Rig();
  @TempDir Path directory;
  private final FilePlace place;

  FileModelTest(FilePlace place) {
    this.place = place;
  }

  @Test
  void whateverIsDoneAFileHoldsWhatItsModelHolds() throws Exception {
    Engine engine = place.start(rig, options -> options.fileOperationsPerLoop(4));
    long seed = System.nanoTime();
    List<Task<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      Path path = directory.resolve("file" + i);
      long own = seed + i;
      tasks.add(engine.spawn(() -> run(engine, path, own)));
    }
    Task.joinAll(tasks);
  }

  private static Void run(Engine engine, Path path, long seed) throws Exception {
    OpenOptions options = OpenOptions.creating().read();
    try (AsyncFile file = AsyncFile.open(engine, path, options);
        AsyncFile other = file.duplicate()) {
      Model model = new Model(file, other, new Random(seed));
      for (int round = 0; round < ROUNDS; round++) {
        try {
          model.step();
        } catch (Throwable e) {
          throw new AssertionError("seed " + seed + ", round " + round, e);
        }
      }
      assertArrayEquals(model.content, Files.readAllBytes(path), "seed " + seed);
    }
    return null;
  }

  /** What a file should hold, and where its cursor should be. */
  private static final class Model {
    private final AsyncFile file;
    private final AsyncFile other;
    private final Random random;
    private byte[] content = new byte[0];
    private int cursor;

    Model(AsyncFile file, AsyncFile other, Random random) {
      this.file = file;
      this.other = other;
      this.random = random;
    }

    void step() throws Exception {
      switch (random.nextInt(9)) {
        case 0 -> writeAtPosition();
        case 1 -> readAtPosition();
        case 2 -> writeAtCursor();
        case 3 -> readAtCursor();
        case 4 -> pieces();
        case 5 -> receive();
        case 6 -> setLength();
        case 7 -> move();
        default -> cancel();
      }
      assertEquals(cursor, file.position());
    }

    private byte[] bytes() {
      byte[] bytes = new byte[random.nextInt(random.nextBoolean() ? 100 : 20_000)];
      random.nextBytes(bytes);
      return bytes;
    }

    private ByteBuffer buffer(byte[] bytes) {
      return random.nextBoolean()
          ? ByteBuffer.wrap(bytes)
          : ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    private int place() {
      return random.nextInt(MOST_BYTES);
    }

    private void written(int at, byte[] bytes) {
      if (bytes.length > 0) {
        content = Arrays.copyOf(content, Math.max(content.length, at + bytes.length));
        System.arraycopy(bytes, 0, content, at, bytes.length);
      }
    }

    private byte[] expected(int at, int length) {
      int end = Math.min(content.length, at + length);
      return at >= end ? new byte[0] : Arrays.copyOfRange(content, at, end);
    }

    private void found(int at, int count, ByteBuffer target) {
      byte[] expected = expected(at, target.capacity());
      boolean isEnd = expected.length == 0 && target.capacity() > 0;
      assertEquals(isEnd ? -1 : expected.length, count);
      byte[] found = new byte[expected.length];
      target.flip().get(found);
      assertArrayEquals(expected, found);
    }

    private void writeAtPosition() throws IOException {
      byte[] bytes = bytes();
      int at = place();
      AsyncFile through = random.nextBoolean() ? file : other;
      assertEquals(bytes.length, through.write(buffer(bytes), at));
      written(at, bytes);
    }

    private void readAtPosition() throws IOException {
      int at = place();
      ByteBuffer target = buffer(bytes());
      found(at, (random.nextBoolean() ? file : other).read(target, at), target);
    }

    private void writeAtCursor() throws IOException {
      byte[] bytes = bytes();
      if (random.nextBoolean()) {
        file.send(Unpooled.copiedBuffer(bytes));
      } else {
        file.write(buffer(bytes));
      }
      written(cursor, bytes);
      cursor += bytes.length;
    }

    private void readAtCursor() throws IOException {
      ByteBuffer target = buffer(bytes());
      int count = file.read(target);
      found(cursor, count, target);
      cursor += Math.max(0, count);
    }

    private void pieces() throws IOException {
      byte[] bytes = bytes();
      int cut = random.nextInt(bytes.length + 1);
      int at = place();
      ByteBuffer[] pieces = {
        buffer(Arrays.copyOf(bytes, cut)), buffer(Arrays.copyOfRange(bytes, cut, bytes.length))
      };
      assertEquals(bytes.length, file.write(pieces, at));
      written(at, bytes);
      pieces[0].flip();
      pieces[1].flip();
      assertEquals(bytes.length, file.read(pieces, at));
      ByteBuffer all = ByteBuffer.allocate(bytes.length);
      all.put(pieces[0].flip()).put(pieces[1].flip());
      assertArrayEquals(bytes, all.array());
    }

    /** What is read ahead may be older than what is written: begins with a move. */
    private void receive() throws IOException {
      file.position(cursor);
      ByteBuf bytes = file.receive();
      if (bytes == null) {
        assertEquals(0, expected(cursor, 1).length);
        return;
      }
      assertArrayEquals(expected(cursor, bytes.readableBytes()), ByteBufUtil.getBytes(bytes));
      cursor += bytes.readableBytes();
      bytes.skipBytes(random.nextInt(bytes.readableBytes() + 1));
      cursor -= bytes.readableBytes();
      file.unread(bytes);
    }

    private void setLength() throws IOException {
      int length = place();
      if (random.nextInt(3) == 0) {
        file.truncate(length);
        content = Arrays.copyOf(content, Math.min(length, content.length));
        cursor = Math.min(cursor, length);
      } else {
        file.setLength(length);
        content = Arrays.copyOf(content, length);
      }
    }

    private void move() throws IOException {
      cursor = place();
      file.position(cursor);
    }

    /**
     * Of a cancelled write to a place of its own, all or nothing is there, and the future knows.
     */
    private void cancel() throws Exception {
      byte[] bytes = bytes();
      int at = place();
      ByteBuffer source = buffer(bytes);
      CompletableFuture<Integer> write = file.writeAsync(source, at);
      write.cancel(false);
      try {
        assertEquals(bytes.length, write.get());
      } catch (CancellationException | java.util.concurrent.ExecutionException e) {
        // Its position tells how much the kernel had done.
      }
      written(at, Arrays.copyOf(bytes, source.position()));
    }
  }
}
