package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class CpuTimeTest {
  private static final long BURN_NANOS = 20_000_000;

  @Test
  void growsWithTheWorkOfTheThreadAndNeverFalls() {
    long start = CpuTime.ofCurrentThreadNanos();
    long before = start;
    while (before - start < 5_000_000) {
      long now = CpuTime.ofCurrentThreadNanos();
      assertTrue(now >= before, "it fell from " + before + " to " + now);
      before = now;
    }
  }

  @Test
  void isNoMoreForAThreadThanForItsProcess() {
    long thread = CpuTime.ofCurrentThreadNanos();
    long process = CpuTime.ofThisProcessNanos();
    assertTrue(0 < thread && thread <= process, thread + " of " + process);
  }

  @Test
  void countsEachThreadForItself() throws Exception {
    burn();
    long mine = CpuTime.ofCurrentThreadNanos();
    long fresh = OwnThread.run(CpuTime::ofCurrentThreadNanos);
    assertTrue(fresh < mine, fresh + " of a thread that did nothing, " + mine + " of one that did");
  }

  @Test
  void countsTheOtherThreadsInTheProcess() throws Exception {
    long before = CpuTime.ofThisProcessNanos();
    long burnt =
        OwnThread.run(
            () -> {
              burn();
              return CpuTime.ofCurrentThreadNanos();
            });
    assertTrue(CpuTime.ofThisProcessNanos() - before >= burnt);
  }

  @Test
  void isTheSameClockByTheProcessesId() throws Exception {
    long before = CpuTime.ofThisProcessNanos();
    long byId = CpuTime.ofProcessNanos(ProcessHandle.current().pid());
    long after = CpuTime.ofThisProcessNanos();
    assertTrue(before <= byId && byId <= after, before + ", " + byId + ", " + after);
  }

  @Test
  void isTheSameClockByTheThreadsId() throws Exception {
    long before = CpuTime.ofCurrentThreadNanos();
    long byId = CpuTime.ofThreadNanos(Linux.gettid());
    long after = CpuTime.ofCurrentThreadNanos();
    assertTrue(before <= byId && byId <= after, before + ", " + byId + ", " + after);
  }

  @Test
  void seesAnotherThreadOfThisProcess() throws Exception {
    CompletableFuture<Integer> tid = new CompletableFuture<>();
    CountDownLatch seen = new CountDownLatch(1);
    Thread other =
        Thread.ofPlatform()
            .start(
                () -> {
                  burn();
                  tid.complete(Linux.gettid());
                  awaitQuietly(seen);
                });
    assertTrue(CpuTime.ofThreadNanos(tid.get()) >= BURN_NANOS);
    seen.countDown();
    other.join();
  }

  @Test
  void seesAnotherProcessWork() throws Exception {
    Process busy = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
    try {
      long before = CpuTime.ofProcessNanos(busy.pid());
      while (CpuTime.ofProcessNanos(busy.pid()) - before < BURN_NANOS) {
        assertTrue(busy.isAlive());
        Thread.onSpinWait();
      }
    } finally {
      busy.destroyForcibly().waitFor();
    }
  }

  @Test
  void failsWithTheIdInItsMessageWhenThereIsNoSuchProcess() throws Exception {
    int gone = DeadProcess.pid();
    LinuxException e = assertThrows(LinuxException.class, () -> CpuTime.ofProcessNanos(gone));
    assertEquals(
        "clock_gettime(CPU time of pid " + gone + "): ESRCH (No such process)", e.getMessage());
    assertEquals(Errno.ESRCH, e.errno().number());
  }

  @Test
  void failsForAThreadOfAnotherProcess() throws Exception {
    Process other = new ProcessBuilder("cat").start();
    try {
      int tid = Math.toIntExact(other.pid());
      LinuxException e = assertThrows(LinuxException.class, () -> CpuTime.ofThreadNanos(tid));
      assertEquals(
          "clock_gettime(CPU time of tid " + tid + "): ESRCH (No such process)", e.getMessage());
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  @Test
  void doesNotTakeAnIdThatOverflowsTheClocksForAnother() {
    long aliasOfThisProcess = ProcessHandle.current().pid() + (1L << 29);
    LinuxException e =
        assertThrows(LinuxException.class, () -> CpuTime.ofProcessNanos(aliasOfThisProcess));
    assertEquals(Errno.ESRCH, e.errno().number());
    assertThrows(LinuxException.class, () -> CpuTime.ofProcessNanos(Long.MAX_VALUE));
  }

  @Test
  void takesNoIdBelowOne() {
    assertThrows(IllegalArgumentException.class, () -> CpuTime.ofProcessNanos(0));
    assertThrows(IllegalArgumentException.class, () -> CpuTime.ofProcessNanos(-1));
    assertThrows(IllegalArgumentException.class, () -> CpuTime.ofThreadNanos(0));
  }

  @Test
  void splitsIntoUserAndSystem() {
    CpuUsage before = CpuUsage.ofThisProcess();
    burn();
    CpuUsage used = CpuUsage.ofThisProcess().since(before);
    assertTrue(used.userNanos() >= 0 && used.systemNanos() >= 0, used::toString);
    assertTrue(used.totalNanos() > 0, used::toString);
    assertEquals(used.userNanos() + used.systemNanos(), used.totalNanos());
  }

  private static void burn() {
    long start = CpuTime.ofCurrentThreadNanos();
    while (CpuTime.ofCurrentThreadNanos() - start < BURN_NANOS) {
      Thread.onSpinWait();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
