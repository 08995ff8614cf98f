package dev.headrace.loadgen.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.headrace.loadgen.Needed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The scripts that need node, with what their lock file pins. */
final class Npm {
  private static final Path HOME = Path.of("..", "scripts", "node");

  private Npm() {}

  static JsonNode manifest() throws IOException {
    return new ObjectMapper().readTree(HOME.resolve("package.json").toFile());
  }

  /**
   * Installs what is pinned where it is not there yet; without npm the test ends: {@link Needed}.
   */
  static void assumeInstalled() throws Exception {
    Needed.that(found("npm"), "npm is missing: apt-get install nodejs npm");
    Path marker = HOME.resolve("node_modules/.package-lock.json");
    if (!Files.exists(marker)
        || Files.getLastModifiedTime(marker)
                .compareTo(Files.getLastModifiedTime(HOME.resolve("package-lock.json")))
            < 0) {
      Output installed = run(HOME, "npm", "ci");
      Needed.that(installed.status() == 0, "npm could not install: " + installed.text());
    }
  }

  private static boolean found(String program) {
    return List.of(System.getenv("PATH").split(":")).stream()
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  /** What a program printed on either stream, and its exit status. */
  record Output(int status, String text) {}

  static Output node(String script, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("node", HOME.resolve(script).toString()));
    command.addAll(List.of(arguments));
    return run(Path.of("."), command.toArray(String[]::new));
  }

  static Output run(Path directory, String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    CompletableFuture<String> text =
        CompletableFuture.supplyAsync(
            () -> String.join("\n", process.inputReader().lines().toList()));
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("it does not end: " + String.join(" ", command));
    }
    return new Output(process.exitValue(), text.get(10, TimeUnit.SECONDS));
  }
}
