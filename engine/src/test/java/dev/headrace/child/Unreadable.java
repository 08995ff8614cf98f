package dev.headrace.child;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.FileBackend;
import dev.headrace.Transport;
import dev.headrace.file.Files;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Uses a file that may not be read, and directories that may not be searched or changed. */
final class Unreadable {
  private Unreadable() {}

  private interface Use {
    void run() throws IOException;
  }

  public static void main(String[] args) throws Exception {
    EngineOptions options =
        EngineOptions.builder()
            .transport(Transport.valueOf(args[0]))
            .fileBackend(FileBackend.valueOf(args[1]))
            .loops(1)
            .build();
    Path directory = Path.of(args[2]);
    try (Engine engine = Engine.start(options)) {
      Path file = directory.resolve("file");
      Files.write(engine, file, "secret");
      Files.setPermissions(engine, file, Set.of());
      Path closed = directory.resolve("closed");
      Files.createDirectories(engine, closed.resolve("below"));
      Files.setPermissions(engine, closed, Set.of());
      Path fixed = directory.resolve("fixed");
      Files.createDirectory(engine, fixed);
      Files.write(engine, fixed.resolve("file"), "");
      Files.setPermissions(engine, fixed, PosixFilePermissions.fromString("r-x------"));
      say("readBytes", () -> Files.readBytes(engine, file, 100));
      say("list", () -> Files.list(engine, closed));
      say("exists", () -> Files.exists(engine, closed.resolve("below")));
      say("removeTree", () -> Files.removeTree(engine, closed));
      say("copy", () -> Files.copy(engine, file, directory.resolve("copy")));
      say("canonicalize", () -> Files.canonicalize(engine, closed.resolve("below")));
      say("remove", () -> Files.remove(engine, fixed.resolve("file")));
      Files.setPermissions(engine, closed, PosixFilePermissions.fromString("rwx------"));
      Files.setPermissions(engine, fixed, PosixFilePermissions.fromString("rwx------"));
    }
  }

  private static void say(String what, Use use) {
    try {
      use.run();
      System.out.println(what + ": allowed");
    } catch (IOException e) {
      System.out.println(what + ": " + e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }
}
