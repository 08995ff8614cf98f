package dev.headrace.internal.ring;

import dev.headrace.EngineOptions;
import dev.headrace.FileBackend;
import dev.headrace.TransportReport;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.linux.FileCalls;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The file operations of an engine, a share on each loop. Any thread may call any method. */
public final class EngineFiles {
  private final TransportReport.Files report;
  private final BitSet ringOpcodes;
  private final FileThreads workers;
  private final List<LoopFiles> shares;
  private final Map<Loop, LoopFiles> byLoop = new IdentityHashMap<>(); // filled once
  private final AtomicInteger turn = new AtomicInteger();
  private volatile boolean ended;
  private final Set<OpenFile> open = ConcurrentHashMap.newKeySet();

  /**
   * Makes those of an engine that is being started.
   *
   * @param options bounds, and the name of the threads
   * @param loops the engine's
   * @param report how they are done, and why so
   * @param ringOpcodes the operations that the ring has; none where they are done by threads
   */
  public EngineFiles(
      EngineOptions options, List<Loop> loops, TransportReport.Files report, BitSet ringOpcodes) {
    this.report = report;
    this.ringOpcodes = ringOpcodes;
    this.workers = new FileThreads(options.name() + "-file-", options.fileWorkers());
    boolean onRing = report.backend() == FileBackend.RING;
    for (Loop loop : loops) {
      LoopFiles share = new LoopFiles(this, loop, options.fileOperationsPerLoop(), onRing, workers);
      byLoop.put(loop, share);
      loop.fileStats(share::stats);
    }
    this.shares = loops.stream().map(byLoop::get).toList();
  }

  /** Where an operation that is started now goes: the caller's loop, else the next in turn. */
  public LoopFiles currentOrNext() {
    LoopFiles current = current();
    return current != null
        ? current
        : shares.get(Math.floorMod(turn.getAndIncrement(), shares.size()));
  }

  /** Those of the loop that the caller runs on; null where that is none of the engine's own. */
  public LoopFiles current() {
    Loop loop = LoopThread.current();
    return loop == null ? null : byLoop.get(loop);
  }

  /** How operations are done, but for those that the ring lacks. */
  public FileBackend backend() {
    return report.backend();
  }

  boolean onRing(int opcode) {
    return ringOpcodes.get(opcode);
  }

  OpenFile opened(String path, int descriptor, boolean isDirect) {
    OpenFile file = new OpenFile(this, path, descriptor, isDirect);
    open.add(file);
    if (ended) {
      file.close(); // it was opened while all others were closed
    }
    return file;
  }

  void cancelAll(OpenFile file) {
    shares.forEach(share -> share.cancelAll(file));
  }

  void closeDescriptor(OpenFile file, CompletableFuture<Void> closed) {
    open.remove(file);
    CloseRequest request = new CloseRequest(file.path(), file.descriptor());
    new Operation<>(currentOrNext(), null, request, true)
        .start()
        .whenComplete(
            (nothing, failure) -> {
              if (failure != null && !request.isAsked()) {
                FileCalls.close(file.descriptor()); // the loops have ended, or the threads
                closed.complete(null);
              } else if (failure != null) {
                closed.completeExceptionally(failure);
              } else {
                closed.complete(null);
              }
            });
  }

  /** Ends all that is under way, and closes what is still open, before the loops end. */
  public void closeAll(long timeoutNanos) {
    CompletableFuture<?>[] endings =
        shares.stream()
            .map(share -> CompletableFuture.runAsync(share::end, share.loop()))
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(endings)
        .handle((nothing, failure) -> nothing) // what a callback threw keeps nothing from its end
        .completeOnTimeout(null, timeoutNanos, TimeUnit.NANOSECONDS)
        .join();
    closeFiles(timeoutNanos);
  }

  private void closeFiles(long timeoutNanos) {
    ended = true;
    CompletableFuture<?>[] closings =
        open.stream().map(OpenFile::close).toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.allOf(closings)
          .handle((nothing, failure) -> null)
          .get(timeoutNanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.TimeoutException | java.util.concurrent.ExecutionException e) {
      System.getLogger("dev.headrace")
          .log(
              System.Logger.Level.WARNING,
              "{0} files are still being worked on by the kernel",
              closings.length);
    }
  }

  /** Ends the threads, once the loops have. */
  public void closeThreads(long timeoutNanos) {
    if (!workers.close(timeoutNanos)) {
      System.getLogger("dev.headrace")
          .log(
              System.Logger.Level.WARNING,
              "threads for files are still in the kernel, which has not answered them");
    }
  }
}
