package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a host that is not Linux gets: a JVM that takes this one for FreeBSD. */
class ElsewhereTest {
  private static List<String> output;

  @BeforeAll
  static void runsTheProgram() throws Exception {
    output = ChildJvm.linesOf(Elsewhere.class, "-Dos.name=FreeBSD", "-Xlog:class+init=info");
  }

  @Test
  void loadsEveryPublicClass() {
    List<String> loaded =
        output.stream().filter(line -> line.startsWith("loaded ")).sorted().toList();
    List<String> expected =
        List.of(
            "Bounds",
            "Cgroup",
            "CpuAffinity",
            "CpuSet",
            "CpuTime",
            "CpuUsage",
            "Cpus",
            "Credentials",
            "Descriptors",
            "DirectoryNames",
            "Errno",
            "FileCalls",
            "FileFlags",
            "IoUringProbe",
            "KernelSettings",
            "KernelVersion",
            "Linux",
            "LinuxException",
            "ListeningProcess",
            "Name",
            "Pair",
            "PortRange",
            "ProcessMemory",
            "Received",
            "ResourceLimit",
            "SocketOption",
            "SocketSend",
            "Sockets",
            "Statx");
    assertEquals(expected.stream().map(name -> "loaded " + name).toList(), loaded);
  }

  @Test
  void resolvesNothingNative() {
    assertTrue(output.stream().anyMatch(line -> line.contains("dev.headrace.linux.CpuTime")));
    assertFalse(
        output.stream().anyMatch(line -> line.contains(Libc.class.getName())),
        "Libc was initialized");
  }

  @Test
  void answersAsDocumented() {
    Map<String, String> expected = new TreeMap<>();
    refused(expected, "uname", "kernelVersion");
    refused(expected, "getpagesize", "pageSizeBytes");
    refused(expected, "gettid", "gettid");
    refused(expected, "sched_getaffinity", "ofCurrentThread", "ofThread", "permittedCount");
    refused(expected, "sched_setaffinity", "setCurrentThread");
    refused(expected, "getrlimit", "getLimit");
    refused(expected, "setrlimit", "setSoft");
    refused(expected, "clock_gettime", "ofCurrentThreadNanos", "ofThisProcessNanos");
    refused(expected, "clock_gettime", "ofProcessNanos", "ofThreadNanos");
    refused(expected, "getrusage", "usageOfThisProcess");
    refused(expected, "reading /proc/1/statm", "residentBytes");
    refused(expected, "openat", "openFile");
    refused(expected, "cachestat", "cachedBytes");
    refused(expected, "statx", "readStatx");
    expected.put("ioUringOpcodes", "{}");
    expected.put("isPresent", "false");
    expected.put("modelName", "Optional.empty");
    expected.put("ioUringDisabled", "OptionalInt.empty");
    expected.put("somaxconn", "OptionalInt.empty");
    expected.put("ipLocalPortRange", "Optional.empty");
    expected.put("fileMax", "OptionalLong.empty");
    expected.put("cpuLimitCores", "OptionalDouble.empty");
    expected.put("memoryLimitBytes", "OptionalLong.empty");
    expected.put("ofTcpPort", "OptionalLong.empty");
    expected.put("ofUnixPath", "OptionalLong.empty");
    expected.put("parseCpuSet", "0,2,4,6");
    expected.put("parseKernelVersion", "true");
    expected.put("errno", "EMFILE (Too many open files)");
    expected.put("exception", "open(a): ENOENT (No such file or directory)");
    assertEquals(expected, answers());
  }

  private static void refused(Map<String, String> expected, String operation, String... calls) {
    for (String call : calls) {
      expected.put(call, operation + " needs Linux, os.name is FreeBSD");
    }
  }

  private static Map<String, String> answers() {
    Map<String, String> answers = new TreeMap<>();
    output.stream()
        .filter(line -> line.matches("\\w+: .*"))
        .map(line -> line.split(": ", 2))
        .forEach(answer -> answers.put(answer[0], answer[1]));
    return answers;
  }
}
