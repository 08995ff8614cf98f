package dev.headrace.child;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.FileBackend;
import dev.headrace.file.AsyncFile;
import dev.headrace.file.OpenOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32;

/**
 * Appends records to files until it is killed, a task a file, and says which are on the device.
 *
 * <pre>
 *   0        4           12          20
 *   [ length | sequence  | checksum  | length bytes ]     big-endian; the checksum is the bytes'
 * </pre>
 */
public final class DurableAppends {
  /** Of a record without its bytes. */
  public static final int HEADER_BYTES = 20;

  private DurableAppends() {}

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[1]);
    EngineOptions.Builder options = EngineOptions.builder().loops(1);
    Engine engine = Engine.start(options.fileBackend(FileBackend.valueOf(args[0])).build());
    for (int file = 0; file < Integer.parseInt(args[2]); file++) {
      int number = file;
      engine.spawn(() -> append(engine, directory, number));
    }
    Thread.currentThread().join(); // until it is killed
  }

  private static Void append(Engine engine, Path directory, int number) throws Exception {
    Random random = new Random(number);
    AsyncFile file =
        AsyncFile.open(engine, directory.resolve("log" + number), OpenOptions.appending());
    for (long sequence = 0; ; sequence++) {
      byte[] bytes = new byte[1 + random.nextInt(10_000)];
      random.nextBytes(bytes);
      ByteBuffer record = ByteBuffer.allocateDirect(HEADER_BYTES + bytes.length);
      record.putInt(bytes.length).putLong(sequence).putLong(checksum(bytes)).put(bytes);
      file.write(record.flip());
      file.syncData();
      String acknowledgement = "durable " + number + " " + sequence + "\n";
      System.out.print(acknowledgement);
    }
  }

  /** Of a record's bytes. */
  public static long checksum(byte[] bytes) {
    CRC32 checksum = new CRC32();
    checksum.update(bytes);
    return checksum.getValue();
  }
}
