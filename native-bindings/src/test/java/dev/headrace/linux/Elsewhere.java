package dev.headrace.linux;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/**
 * The program of {@link ElsewhereTest}: initializes every public class, then prints what each call
 * answers.
 */
final class Elsewhere {
  private Elsewhere() {}

  public static void main(String[] arguments) throws Exception {
    for (Class<?> type : publicClasses()) {
      System.out.println("loaded " + Class.forName(type.getName()).getSimpleName());
    }
    long pid = ProcessHandle.current().pid();
    show("isPresent", Linux::isPresent);
    show("kernelVersion", Linux::kernelVersion);
    show("pageSizeBytes", Linux::pageSizeBytes);
    show("gettid", Linux::gettid);
    show("ofCurrentThread", CpuAffinity::ofCurrentThread);
    show("ofThread", () -> CpuAffinity.ofThread(1));
    show("setCurrentThread", () -> pin(CpuSet.of(0)));
    show("permittedCount", Cpus::permittedCount);
    show("modelName", Cpus::modelName);
    show("getLimit", ResourceLimit.OPEN_FILES::get);
    show("setSoft", () -> limit(100));
    show("ioUringDisabled", KernelSettings.ofHost()::ioUringDisabled);
    show("somaxconn", KernelSettings.ofHost()::somaxconn);
    show("ipLocalPortRange", KernelSettings.ofHost()::ipLocalPortRange);
    show("fileMax", KernelSettings.ofHost()::fileMax);
    show("cpuLimitCores", Cgroup.ofThisProcess()::cpuLimitCores);
    show("memoryLimitBytes", Cgroup.ofThisProcess()::memoryLimitBytes);
    show("ofCurrentThreadNanos", CpuTime::ofCurrentThreadNanos);
    show("ofThisProcessNanos", CpuTime::ofThisProcessNanos);
    show("ofProcessNanos", () -> CpuTime.ofProcessNanos(pid));
    show("ofThreadNanos", () -> CpuTime.ofThreadNanos(1));
    show("usageOfThisProcess", CpuUsage::ofThisProcess);
    show("ofTcpPort", () -> ListeningProcess.ofTcpPort(new InetSocketAddress("127.0.0.1", 80)));
    show("ofUnixPath", () -> ListeningProcess.ofUnixPath("/run/a"));
    show("residentBytes", () -> ProcessMemory.residentBytes(1));
    show("openFile", () -> FileCalls.openat(0, FileFlags.O_RDONLY, 0));
    show("cachedBytes", () -> FileCalls.cachedBytes(0, 0, 0));
    show("ioUringOpcodes", IoUringProbe::opcodes);
    show("readStatx", () -> Statx.read(0));
    show("parseCpuSet", () -> CpuSet.parse("0-7:2"));
    show("parseKernelVersion", () -> KernelVersion.parse("6.1.0").isAtLeast(6, 1));
    show("errno", () -> Errno.of(Errno.EMFILE));
    show("exception", () -> new LinuxException("open", "a", Errno.of(Errno.ENOENT)).getMessage());
  }

  private static List<Class<?>> publicClasses() throws Exception {
    Path root = Path.of(Linux.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    String packageName = Linux.class.getPackageName();
    try (Stream<Path> files = Files.list(root.resolve(packageName.replace('.', '/')))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
          .<Class<?>>map(name -> withoutInitializing(packageName + '.' + name.split("\\.")[0]))
          .filter(type -> Modifier.isPublic(type.getModifiers()))
          .toList();
    }
  }

  private static Class<?> withoutInitializing(String name) {
    try {
      return Class.forName(name, false, Elsewhere.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void show(String name, Callable<?> call) {
    String answer;
    try {
      answer = String.valueOf(call.call());
    } catch (UnsupportedOperationException e) {
      answer = e.getMessage();
    } catch (Exception e) {
      answer = e.toString();
    }
    System.out.println(name + ": " + answer);
  }

  private static String pin(CpuSet cpus) throws IOException {
    CpuAffinity.setCurrentThread(cpus);
    return "pinned";
  }

  private static String limit(long soft) throws IOException {
    ResourceLimit.OPEN_FILES.setSoft(soft);
    return "limited";
  }
}
