package dev.headrace.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.FileBackend;
import dev.headrace.Transport;
import dev.headrace.TransportReport;
import dev.headrace.child.DurableAppends;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Child;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process is killed in the middle of appends that it waits to be durable. */
@Timeout(60)
class DurableAppendTest {
  private static final int FILES = 4;
  private static final int ACKNOWLEDGED = 200;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(names = {"RING", "THREADS"})
  void whatWasAcknowledgedIsThereAndWholeAfterAKill(FileBackend backend) throws Exception {
    assumeTrue(
        backend == FileBackend.THREADS
            || TransportReport.ofThisHost().entry(Transport.IO_URING).available(),
        "no io_uring here");
    Child child =
        Child.run(
            List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED"),
            running -> {
              Await.until(
                  () -> "enough is acknowledged; alive: " + running.process().isAlive(),
                  () -> Files.readString(running.out()).lines().count() > ACKNOWLEDGED);
              running.signal("KILL");
            },
            "dev.headrace.child.DurableAppends",
            backend.name(),
            directory.toString(),
            String.valueOf(FILES));
    assertEquals(128 + 9, child.exit(), child::all);
    long[] acknowledged = acknowledged(child.out());
    for (int file = 0; file < FILES; file++) {
      long whole = wholeRecords(directory.resolve("log" + file));
      long wanted = acknowledged[file];
      assertTrue(wanted > 0, child::all);
      assertTrue(whole >= wanted, () -> wanted + " acknowledged, " + whole + " there");
      assertTrue(whole <= wanted + 1, () -> "one is under way at most: " + wanted + ", " + whole);
    }
  }

  /** How many of each file; the last line may be cut by the kill. */
  private static long[] acknowledged(String out) {
    long[] counts = new long[FILES];
    for (String line : out.substring(0, out.lastIndexOf('\n')).lines().toList()) {
      String[] words = line.split(" ");
      int file = Integer.parseInt(words[1]);
      assertEquals(counts[file]++, Long.parseLong(words[2]), line);
    }
    return counts;
  }

  /** From the start, until one is not whole. */
  private static long wholeRecords(Path log) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(log));
    for (long sequence = 0; ; sequence++) {
      if (all.remaining() < DurableAppends.HEADER_BYTES) {
        return sequence;
      }
      int length = all.getInt();
      assertEquals(sequence, all.getLong());
      long checksum = all.getLong();
      if (all.remaining() < length) {
        return sequence;
      }
      byte[] bytes = new byte[length];
      all.get(bytes);
      assertEquals(checksum, DurableAppends.checksum(bytes), "record " + sequence);
    }
  }
}
