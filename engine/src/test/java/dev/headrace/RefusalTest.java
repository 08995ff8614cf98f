package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.fixture.Child;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a host may refuse, really refused, each in a JVM of its own. */
@Timeout(60)
class RefusalTest {
  private static final List<String> NO_WRAPPER = List.of();
  private static final List<String> NO_OPTIONS = List.of();

  private static Child starts(List<String> wrapper, String refusal) throws Exception {
    Child child = Child.run(wrapper, NO_OPTIONS, "dev.headrace.child.Starts", refusal);
    assertEquals(0, child.exit(), child::all);
    return child;
  }

  private static void says(Child child, String... texts) {
    for (String text : texts) {
      assertTrue(child.out().contains(text), () -> "not said: " + text + "\n" + child.all());
    }
  }

  private static void assumeIoUring() {
    TransportReport.Entry entry = TransportReport.ofThisHost().entry(Transport.IO_URING);
    assumeTrue(entry.available(), entry::reason);
  }

  @ParameterizedTest
  @CsvSource({
    "eperm, a seccomp filter (a container's default) forbids io_uring; allow it there",
    "enosys, 'this kernel is built without io_uring, or a seccomp filter hides it'"
  })
  void ioUringThatIsRefusedGivesEpollAndSaysWhy(String refusal, String why) throws Exception {
    assumeIoUring();
    Child child = starts(NO_WRAPPER, refusal);
    says(child, "auto gave epoll", "(io_uring: ", why);
    says(child, "refused: transport io_uring is not available: ");
  }

  @Test
  void ioUringThatTheKernelHasOffIsToldWithTheSetting(@TempDir Path directory) throws Exception {
    assumeIoUring();
    Path setting = Path.of("/proc/sys/kernel/io_uring_disabled");
    assumeTrue(Files.exists(setting), "this kernel has no io_uring_disabled");
    Path off = Files.writeString(directory.resolve("io_uring_disabled"), "2\n");
    String mount = "mount --bind " + off + " " + setting;
    Child.assumeRuns("unshare", "-m", "sh", "-c", mount);
    // The setting is shown as 2 to this child alone; the filter does what the kernel would.
    Child child =
        starts(List.of("unshare", "-m", "sh", "-c", mount + " && exec \"$@\"", "sh"), "eperm");
    String remedy =
        "io_uring is off by kernel.io_uring_disabled=2:"
            + " `sysctl kernel.io_uring_disabled=0` turns it on";
    says(child, "auto gave epoll", "(io_uring: " + remedy, "not available: " + remedy);
  }

  @Test
  void aKernelWithoutBufferRingsStillServesOverIoUring() throws Exception {
    assumeIoUring();
    Child child = starts(NO_WRAPPER, "no-buffer-rings");
    says(child, "auto gave io_uring", "buffer_ring=false", "in use: false");
  }

  @Test
  void memoryForSmallRingsOnlyGivesSmallRingsAndSaysSo() throws Exception {
    assumeIoUring();
    Child child = starts(NO_WRAPPER, "small-rings-only");
    says(child, "auto gave io_uring", "io_uring gave io_uring", "with small rings, since ");
    says(child, "raise the locked-memory limit (`ulimit -l`), or start fewer loops");
  }

  @Test
  void noMemoryForRingsGivesEpollAndSaysSo() throws Exception {
    assumeIoUring();
    Child child = starts(NO_WRAPPER, "no-memory-for-rings");
    says(child, "auto gave epoll", "raise the locked-memory limit", "refused: ");
  }

  /** Kernels before 5.12 count rings as locked memory; later ones charge the cgroup instead. */
  @Test
  void noLockedMemoryAtAllIsNoReasonToFail() throws Exception {
    assumeIoUring();
    Child.assumeRuns("prlimit", "--memlock=0:0", "true");
    List<String> wrapper = new ArrayList<>(List.of("prlimit", "--memlock=0:0"));
    wrapper.addAll(Child.withoutPrivileges());
    Child child = starts(wrapper, "as-it-is");
    boolean tuned = child.out().contains("reason: the best that this host offers\n");
    assertTrue(tuned || child.out().contains("raise the locked-memory limit"), child::all);
  }

  @Test
  void outOfDescriptorsAListenerRestsTellsOnceAndRecovers() throws Exception {
    Child.assumeRuns("prlimit", "--nofile=256:256", "true");
    Child child =
        Child.run(
            List.of("prlimit", "--nofile=256:256"),
            NO_OPTIONS,
            "dev.headrace.child.OutOfDescriptors");
    assertEquals(0, child.exit(), child::all);
    for (String transport : List.of("io_uring", "epoll", "nio")) {
      assertTrue(
          child.out().contains(transport + " recovered")
              || child.out().contains(transport + " skipped"),
          child::all);
    }
  }

  @Test
  void aPrivilegedPortIsRefusedWithTheRemedy() throws Exception {
    Child child =
        Child.run(
            Child.withoutPrivileges(), NO_OPTIONS, "dev.headrace.child.Addresses", "privileged");
    assertEquals(0, child.exit(), child::all);
    assumeTrue(!child.out().contains("bound"), "this host lets everybody bind port 1");
    says(child, "nio: bind 127.0.0.1:1: EACCES (Permission denied): ");
    for (String line : child.out().lines().toList()) {
      assertTrue(line.contains("CAP_NET_BIND_SERVICE; take a higher port"), child::all);
    }
  }

  @Test
  void noLocalPortLeftIsToldWithTheRemedy() throws Exception {
    String prepare =
        "ip link set lo up && echo 40000 40003 > /proc/sys/net/ipv4/ip_local_port_range";
    Child.assumeRuns("unshare", "-n", "sh", "-c", prepare);
    Child child =
        Child.run(
            List.of("unshare", "-n", "sh", "-c", prepare + " && exec \"$@\"", "sh"),
            NO_OPTIONS,
            "dev.headrace.child.Addresses",
            "exhausted");
    assertEquals(0, child.exit(), child::all);
    says(child, "nio: connect 127.0.0.1:7000: EADDRNOTAVAIL ");
    for (String line : child.out().lines().toList()) {
      assertTrue(line.contains("no local port is left; widen net.ipv4"), child::all);
    }
  }

  @Test
  void elsewhereThanOnLinuxNioServesAndNothingFailsToLoad() throws Exception {
    Child child =
        Child.run(
            NO_WRAPPER, List.of("-Dos.name=FreeBSD"), "dev.headrace.child.Starts", "as-it-is");
    assertEquals(0, child.exit(), child::all);
    says(child, "auto gave nio", "io_uring is Linux's, and this is FreeBSD");
    says(child, "epoll is Linux's", "refused: transport io_uring is not available");
    assertEquals("", child.err(), child::all);
  }

  @Test
  void onTheModulePathTheEngineEchoesWithoutAWarning() throws Exception {
    Child child = onTheModulePath(NO_OPTIONS, "dev.headrace.embedding.Embedded");
    says(child, "through the race", "module dev.headrace on ");
    says(child, " on " + TransportReport.ofThisHost().picked());
  }

  private static Child onTheModulePath(List<String> options, String main) throws Exception {
    List<String> modules =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.endsWith("test-classes"))
            .filter(entry -> entry.contains("netty") || entry.contains("headrace") || isOurs(entry))
            .toList();
    String tests =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> entry.endsWith("test-classes"))
            .findFirst()
            .orElseThrow();
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(
        List.of(
            "--module-path",
            String.join(File.pathSeparator, modules),
            "--add-modules",
            "dev.headrace,ALL-MODULE-PATH",
            "--enable-native-access=dev.headrace.linux,io.netty.common,"
                + "io.netty.transport.unix.common,io.netty.transport.classes.epoll,"
                + "io.netty.transport.classes.io_uring",
            "-cp",
            tests,
            main));
    Child child = Child.java(NO_WRAPPER, arguments);
    assertEquals(0, child.exit(), child::all);
    assertFalse(child.err().contains("WARNING"), child::all);
    assertEquals("", child.err(), child::all);
    return child;
  }

  private static void tasksWork(Child child, boolean carried) {
    assertEquals(0, child.exit(), child::all);
    says(child, "carried: " + carried + "\n", "on a loop: " + carried + "\n");
    says(child, "echo: through the race\n", "timeout: over\n", "cancel: cancelled\n", "closed\n");
  }

  /** The flag of the report, as the arguments that it is to the JVM. */
  private static List<String> remedyOf(Child child) {
    String line = child.out().lines().filter(text -> text.startsWith("reason: ")).findAny().get();
    return List.of(line.substring(line.indexOf("--add-opens")).strip().split(" "));
  }

  @Test
  void withoutItsFlagTasksRunOnTheSchedulerOfTheJdkAndTheReportNamesTheFlag() throws Exception {
    Child without = Child.run(NO_WRAPPER, NO_OPTIONS, "dev.headrace.embedding.Tasks");
    tasksWork(without, false);
    List<String> remedy = remedyOf(without);
    assertEquals(List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED"), remedy);
    tasksWork(Child.run(NO_WRAPPER, remedy, "dev.headrace.embedding.Tasks"), true);
  }

  @Test
  void onTheModulePathTheReportNamesTheFlagThatMakesTasksCarried() throws Exception {
    Child without = onTheModulePath(NO_OPTIONS, "dev.headrace.embedding.Tasks");
    tasksWork(without, false);
    List<String> remedy = remedyOf(without);
    assertEquals(List.of("--add-opens", "java.base/java.lang=dev.headrace"), remedy);
    tasksWork(onTheModulePath(remedy, "dev.headrace.embedding.Tasks"), true);
  }

  private static boolean isOurs(String entry) {
    return Files.exists(Path.of(entry, "module-info.class"));
  }
}
