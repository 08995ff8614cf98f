package dev.headrace.benchmarks.peers;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.file.AsyncFile;
import dev.headrace.file.OpenOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Headrace's durable appends: a task a file, all on one loop, {@code write} and {@code syncData}.
 * Argument: the directory; turns are told as {@link AppendTurn#serve} says.
 */
public final class AsyncFileAppends {
  private AsyncFileAppends() {}

  /** Runs until its standard input ends. */
  public static void main(String[] arguments) throws Exception {
    EngineOptions oneLoop = EngineOptions.builder().loops(1).build();
    try (Engine engine = Engine.start(oneLoop)) {
      AppendTurn.serve(
          Path.of(arguments[0]), (file, turn) -> engine.spawn(() -> append(engine, file, turn)));
    }
  }

  private static AsyncFile open(Engine engine, Path path) throws IOException {
    return AsyncFile.open(engine, path, OpenOptions.writing().create().truncate());
  }

  private static void append(Engine engine, Path path, AppendTurn turn) throws IOException {
    ByteBuffer block = AppendTurn.block();
    try (AsyncFile file = open(engine, path)) {
      while (turn.goesOn()) {
        block.clear();
        while (block.hasRemaining()) {
          file.write(block);
        }
        file.syncData();
        turn.appended();
      }
    }
  }
}
