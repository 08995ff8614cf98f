package dev.headrace.loadgen.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.headrace.linux.Cpus;
import dev.headrace.linux.Linux;
import io.netty.util.Version;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** Where and with what it was measured: without it a number means nothing. */
public record Host(
    @JsonProperty("kernel") String kernel,
    @JsonProperty("arch") String arch,
    @JsonProperty("cpus") int cpus,
    @JsonProperty("cpu_model") String cpuModel,
    @JsonProperty("memory_bytes") Long memoryBytes,
    @JsonProperty("jdk") String jdk,
    @JsonProperty("netty") String netty,
    @JsonProperty("headrace") String headrace,
    @JsonProperty("revision") String revision) {

  /** Where nobody knows. */
  public static final String UNKNOWN = "unknown";

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
            .orElse(UNKNOWN),
        Optional.ofNullable(Host.class.getPackage().getImplementationVersion()).orElse(UNKNOWN),
        buildRevision());
  }

  /** The build keeps it beside this class. */
  private static String buildRevision() {
    Properties git = new Properties();
    try (InputStream kept = Host.class.getResourceAsStream("git.properties")) {
      if (kept != null) {
        git.load(kept);
      }
    } catch (IOException unreadable) {
      return UNKNOWN;
    }
    return git.getProperty("git.commit.id.describe", UNKNOWN);
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
