package dev.headrace.loadgen.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.headrace.TransportReport;
import dev.headrace.linux.Cgroup;
import dev.headrace.linux.KernelSettings;
import dev.headrace.linux.Linux;
import dev.headrace.linux.LinuxException;
import dev.headrace.linux.ResourceLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** What this host offers to the engine, and which of its limits would hurt. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HostReport(
    @JsonProperty("schema") String schema,
    @JsonProperty("host") Host host,
    @JsonProperty("transport") String transport,
    @JsonProperty("reason") String reason,
    @JsonProperty("transports") List<Offer> transports,
    @JsonProperty("tasks_carried") boolean tasksCarried,
    @JsonProperty("tasks_reason") String tasksReason,
    @JsonProperty("files_backend") String filesBackend,
    @JsonProperty("files_reason") String filesReason,
    @JsonProperty("limits") Limits limits,
    @JsonProperty("advice") List<String> advice) {
  private static final int SMALL_BACKLOG = 4096;
  private static final int FEW_DESCRIPTORS = 65_536;
  private static final int FEW_PORTS = 20_000;

  /** One transport. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Offer(
      @JsonProperty("transport") String transport,
      @JsonProperty("available") boolean available,
      @JsonProperty("reason") String reason,
      @JsonProperty("features") Map<String, Boolean> features) {}

  /** The limits; null where there is none or it cannot be read. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Limits(
      @JsonProperty("open_files") Long openFiles,
      @JsonProperty("locked_memory_bytes") Long lockedMemoryBytes,
      @JsonProperty("somaxconn") Integer somaxconn,
      @JsonProperty("local_ports") Integer localPorts,
      @JsonProperty("io_uring_disabled") Integer ioUringDisabled,
      @JsonProperty("cgroup_cpus") Double cgroupCpus,
      @JsonProperty("cgroup_memory_bytes") Long cgroupMemoryBytes) {}

  /** Asks the kernel. */
  public static HostReport ofThisHost() {
    TransportReport report = TransportReport.ofThisHost();
    Limits limits = readLimits();
    return new HostReport(
        "headrace/probe/1",
        Host.here(),
        report.picked().toString(),
        report.reason(),
        report.entries().stream()
            .map(
                entry ->
                    new Offer(
                        entry.transport().toString(),
                        entry.available(),
                        entry.reason(),
                        entry.features()))
            .toList(),
        report.tasks().carried(),
        report.tasks().reason().isEmpty() ? null : report.tasks().reason(),
        report.files().backend().toString(),
        report.files().reason(),
        limits,
        advice(report, limits));
  }

  private static Limits readLimits() {
    KernelSettings kernel = KernelSettings.ofHost();
    return new Limits(
        limit(ResourceLimit.OPEN_FILES),
        limit(ResourceLimit.LOCKED_MEMORY_BYTES),
        boxed(kernel.somaxconn()),
        kernel.ipLocalPortRange().map(KernelSettings.PortRange::count).orElse(null),
        boxed(kernel.ioUringDisabled()),
        cgroupCpus(),
        cgroupMemoryBytes());
  }

  private static Double cgroupCpus() {
    OptionalDouble cores = Cgroup.ofThisProcess().cpuLimitCores();
    return cores.isPresent() ? cores.getAsDouble() : null;
  }

  private static Long cgroupMemoryBytes() {
    OptionalLong bytes = Cgroup.ofThisProcess().memoryLimitBytes();
    return bytes.isPresent() ? bytes.getAsLong() : null;
  }

  private static Integer boxed(OptionalInt value) {
    return value.isPresent() ? value.getAsInt() : null;
  }

  private static Long limit(ResourceLimit limit) {
    try {
      long soft = Linux.isPresent() ? limit.get().soft() : ResourceLimit.UNLIMITED;
      return soft == ResourceLimit.UNLIMITED ? null : soft;
    } catch (LinuxException refused) {
      return null;
    }
  }

  private static List<String> advice(TransportReport report, Limits limits) {
    List<String> advice = new ArrayList<>();
    report.entries().stream()
        .filter(entry -> !entry.available())
        .forEach(entry -> advice.add(entry.transport() + " cannot be used: " + entry.reason()));
    if (limits.openFiles != null && limits.openFiles < FEW_DESCRIPTORS) {
      advice.add(
          "open files are limited to "
              + Figures.count(limits.openFiles)
              + ", a connection takes one: raise `ulimit -n`");
    }
    if (limits.somaxconn != null && limits.somaxconn < SMALL_BACKLOG) {
      advice.add(
          "net.core.somaxconn is "
              + limits.somaxconn
              + ": bursts of connections beyond that wait a second; set it to 4096 or more");
    }
    if (limits.localPorts != null && limits.localPorts < FEW_PORTS) {
      advice.add(
          "there are "
              + Figures.count(limits.localPorts)
              + " local ports towards one address: widen net.ipv4.ip_local_port_range");
    }
    if (limits.cgroupCpus != null
        && limits.cgroupCpus < Runtime.getRuntime().availableProcessors()) {
      advice.add(
          "the cgroup grants "
              + limits.cgroupCpus
              + " CPUs of time: loops beyond that are throttled, tails of tens of milliseconds follow");
    }
    return advice;
  }

  /** As people read it, and paste it into a report. */
  public String text() {
    List<String> lines = new ArrayList<>();
    lines.add(row("kernel", host.kernel() + ' ' + host.arch()));
    lines.add(row("cpus", host.cpus() + " x " + host.cpuModel()));
    if (host.memoryBytes() != null) {
      lines.add(row("memory", Figures.bytes(host.memoryBytes())));
    }
    lines.add(row("jdk", host.jdk()));
    lines.add(row("netty", host.netty()));
    lines.add(row("transport", transport + ": " + reason));
    lines.add("");
    for (Offer offer : transports) {
      lines.add(
          row(offer.transport, offer.available ? "available" : "not available: " + offer.reason));
      lines.add(features("has", offer, true));
      lines.add(features("lacks", offer, false));
    }
    lines.add(
        row(
            "tasks",
            tasksCarried ? "carried by the loops" : "on the JDK's scheduler: " + tasksReason));
    lines.add(row("files", filesBackend + ": " + filesReason));
    lines.add("");
    lines.add(row("open files", orNone(limits.openFiles)));
    lines.add(
        row(
            "locked memory",
            limits.lockedMemoryBytes == null
                ? "no limit"
                : Figures.bytes(limits.lockedMemoryBytes)));
    lines.add(row("somaxconn", orUnknown(limits.somaxconn)));
    lines.add(row("local ports", orUnknown(limits.localPorts)));
    lines.add(
        row(
            "cgroup",
            "CPUs "
                + (limits.cgroupCpus == null ? "no limit" : limits.cgroupCpus)
                + ", memory "
                + (limits.cgroupMemoryBytes == null
                    ? "no limit"
                    : Figures.bytes(limits.cgroupMemoryBytes))));
    lines.add("");
    if (advice.isEmpty()) {
      lines.add(row("advice", "none: nothing here would hurt"));
    }
    advice.forEach(line -> lines.add(row("advice", line)));
    lines.removeIf(line -> line == null);
    return String.join(System.lineSeparator(), lines) + System.lineSeparator();
  }

  private static String row(String label, String value) {
    return "%-14s %s".formatted(label, value);
  }

  private static String features(String verb, Offer offer, boolean present) {
    String names =
        offer.features.entrySet().stream()
            .filter(feature -> feature.getValue() == present)
            .map(Map.Entry::getKey)
            .collect(Collectors.joining(" "));
    return names.isEmpty() ? null : row("", verb + ' ' + names);
  }

  private static String orNone(Long limit) {
    return limit == null ? "no limit" : Figures.count(limit);
  }

  private static String orUnknown(Integer value) {
    return value == null ? "unknown" : Figures.count(value);
  }
}
