package dev.headrace.benchmarks.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.FutureTask;

/**
 * The JDK's durable appends: a platform thread a file, {@code write} and {@code force(false)},
 * which is {@code fdatasync}. Argument: the directory; turns are told as {@link AppendTurn#serve}
 * says.
 */
public final class FileChannelAppends {
  private FileChannelAppends() {}

  /** Runs until its standard input ends. */
  public static void main(String[] arguments) throws Exception {
    AppendTurn.serve(
        Path.of(arguments[0]),
        (file, turn) -> {
          FutureTask<Void> appending =
              new FutureTask<>(
                  () -> {
                    append(file, turn);
                    return null;
                  });
          Thread.ofPlatform().start(appending);
          return appending;
        });
  }

  private static void append(Path path, AppendTurn turn) throws IOException {
    ByteBuffer block = AppendTurn.block();
    try (FileChannel file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      while (turn.goesOn()) {
        block.clear();
        while (block.hasRemaining()) {
          file.write(block);
        }
        file.force(false);
        turn.appended();
      }
    }
  }
}
