package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class CpuAffinityTest {
  /** The last CPU number: no machine that runs these tests has so many. */
  private static final CpuSet NOWHERE = CpuSet.of(CpuSet.MAX_CPUS - 1);

  @Test
  void saysWhatTheKernelsStatusSays() throws Exception {
    String allowed =
        ProcFile.lines(Path.of("/proc/thread-self/status")).stream()
            .filter(line -> line.startsWith("Cpus_allowed_list:"))
            .map(line -> line.split("\\s+")[1])
            .findFirst()
            .orElseThrow();
    assertEquals(CpuSet.parse(allowed), CpuAffinity.ofCurrentThread());
    assertEquals(CpuSet.parse(allowed).count(), Cpus.permittedCount());
  }

  @Test
  void pinsTheCallingThreadAndNoOther() throws Exception {
    CpuSet all = CpuAffinity.ofCurrentThread();
    for (int cpu : all.toArray()) {
      assertEquals(CpuSet.of(cpu), OwnThread.run(() -> pinnedTo(CpuSet.of(cpu))));
    }
    assertEquals(all, CpuAffinity.ofCurrentThread());
  }

  @Test
  void isInheritedByAThreadThatIsStartedLater() throws Exception {
    int[] all = CpuAffinity.ofCurrentThread().toArray();
    CpuSet last = CpuSet.of(all[all.length - 1]);
    CpuSet inherited =
        OwnThread.run(
            () -> {
              CpuAffinity.setCurrentThread(last);
              return OwnThread.run(CpuAffinity::ofCurrentThread);
            });
    assertEquals(last, inherited);
  }

  @Test
  void pinsAThreadByItsId() throws Exception {
    CpuSet first = CpuSet.of(CpuAffinity.ofCurrentThread().toArray()[0]);
    CpuSet pinned =
        OwnThread.run(
            () -> {
              int tid = Linux.gettid();
              OwnThread.run(
                  () -> {
                    CpuAffinity.setThread(tid, first);
                    return CpuAffinity.ofThread(tid);
                  });
              return CpuAffinity.ofCurrentThread();
            });
    assertEquals(first, pinned);
  }

  @Test
  void leavesOutCpusThatAreNotThereSilently() throws Exception {
    CpuSet all = CpuAffinity.ofCurrentThread();
    CpuSet more = CpuSet.parse(all + "," + NOWHERE);
    assertEquals(all, OwnThread.run(() -> pinnedTo(more)));
  }

  @Test
  void failsWithTheCpusInItsMessageWhenNoneIsThere() {
    LinuxException e =
        assertThrows(LinuxException.class, () -> CpuAffinity.setCurrentThread(NOWHERE));
    assertEquals("sched_setaffinity(cpus 8191): EINVAL (Invalid argument)", e.getMessage());
    assertEquals("sched_setaffinity", e.operation());
    assertEquals("cpus 8191", e.resource());
    assertEquals(Errno.EINVAL, e.errno().number());
  }

  @Test
  void failsWithTheThreadInItsMessageWhenThereIsNoSuchThread() throws Exception {
    int gone = DeadProcess.pid();
    LinuxException read = assertThrows(LinuxException.class, () -> CpuAffinity.ofThread(gone));
    assertEquals("sched_getaffinity(tid " + gone + "): ESRCH (No such process)", read.getMessage());
    LinuxException write =
        assertThrows(LinuxException.class, () -> CpuAffinity.setThread(gone, CpuSet.of(0)));
    assertEquals(
        "sched_setaffinity(tid " + gone + ", cpus 0): ESRCH (No such process)", write.getMessage());
  }

  @Test
  void takesNoThreadIdBelowOne() {
    assertThrows(IllegalArgumentException.class, () -> CpuAffinity.ofThread(0));
    assertThrows(IllegalArgumentException.class, () -> CpuAffinity.setThread(-1, CpuSet.of(0)));
  }

  @Test
  void refusesToPinTheCarrierOfAVirtualThread() {
    FutureTask<CpuSet> task = new FutureTask<>(() -> pinnedTo(CpuSet.of(0)));
    Thread.ofVirtual().start(task);
    Throwable cause = assertThrows(ExecutionException.class, task::get).getCause();
    assertInstanceOf(IllegalStateException.class, cause);
    assertTrue(cause.getMessage().contains("platform thread"), cause.getMessage());
  }

  private static CpuSet pinnedTo(CpuSet cpus) throws LinuxException {
    CpuAffinity.setCurrentThread(cpus);
    return CpuAffinity.ofCurrentThread();
  }
}
