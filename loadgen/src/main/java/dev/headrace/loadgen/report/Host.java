package dev.headrace.loadgen.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.headrace.linux.Cpus;
import dev.headrace.linux.Linux;
import io.netty.util.Version;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Where it was measured: without it a number means nothing. */
public record Host(
    @JsonProperty("kernel") String kernel,
    @JsonProperty("arch") String arch,
    @JsonProperty("cpus") int cpus,
    @JsonProperty("cpu_model") String cpuModel,
    @JsonProperty("memory_bytes") Long memoryBytes,
    @JsonProperty("jdk") String jdk,
    @JsonProperty("netty") String netty) {

  /** This host. */
  public static Host here() {
    String arch = System.getProperty("os.arch");
    String kernel =
        Linux.isPresent()
            ? Linux.kernelVersion().release()
            : System.getProperty("os.name") + ' ' + System.getProperty("os.version");
    return new Host(
        kernel,
        arch,
        Runtime.getRuntime().availableProcessors(),
        Cpus.modelName().orElse(arch),
        line("/proc/meminfo", "MemTotal")
            .map(value -> Long.parseLong(value.replace("kB", "").strip()) << 10)
            .orElse(null),
        System.getProperty("java.vm.name") + ' ' + Runtime.version(),
        Version.identify().values().stream()
            .findFirst()
            .map(Version::artifactVersion)
            .orElse("unknown"));
  }

  /** The value of the first {@code key : value} line. */
  private static Optional<String> line(String file, String key) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(key) && line.contains(":"))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip());
    } catch (IOException | UncheckedIOException absent) {
      return Optional.empty();
    }
  }
}
