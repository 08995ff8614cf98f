package dev.headrace.benchmarks.peers;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.file.AsyncFile;
import dev.headrace.file.OpenOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Headrace's durable appends: a task a file, all on one loop, {@code write} and {@code syncData};
 * or, as one operation of the same worth, {@code write} of a file that is opened with {@code
 * dataSync}. Arguments: the directory, and {@code dsync} for the latter; turns are told as {@link
 * AppendTurn#serve} says.
 */
public final class AsyncFileAppends {
  private AsyncFileAppends() {}

  /** Runs until its standard input ends. */
  public static void main(String[] arguments) throws Exception {
    boolean dsync = arguments.length > 1 && arguments[1].equals("dsync");
    EngineOptions oneLoop = EngineOptions.builder().loops(1).build();
    try (Engine engine = Engine.start(oneLoop)) {
      AppendTurn.serve(
          Path.of(arguments[0]),
          (file, turn) -> engine.spawn(() -> append(engine, file, turn, dsync)));
    }
  }

  private static void append(Engine engine, Path path, AppendTurn turn, boolean dsync)
      throws IOException {
    OpenOptions options = OpenOptions.creating();
    ByteBuffer block = AppendTurn.block();
    try (AsyncFile file = AsyncFile.open(engine, path, dsync ? options.dataSync() : options)) {
      while (turn.goesOn()) {
        file.write(block.clear());
        if (!dsync) {
          file.syncData();
        }
        turn.appended();
      }
    }
  }
}
