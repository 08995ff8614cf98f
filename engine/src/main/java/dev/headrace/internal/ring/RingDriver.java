package dev.headrace.internal.ring;

import dev.headrace.internal.loop.Loop;
import dev.headrace.linux.Errno;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * File operations as submissions on the ring of a loop, beside its sockets: one handle for all
 * files. A submission carries a tag, which its completion brings back:
 *
 * <pre>
 *   15      14          10 9                0
 *   [ 0 ][ generation ][ slot               ]
 * </pre>
 *
 * <p>The tag fits a {@code short}, which Netty packs into the kernel's user data without a table. A
 * slot has another generation each time it is used, so that no completion is taken for another's.
 */
final class RingDriver implements FileDriver, RingHandle {
  private static final System.Logger LOG = System.getLogger("dev.headrace");

  private static final int SLOT_BITS = 10;
  private static final int SLOT_MASK = (1 << SLOT_BITS) - 1;
  private static final int GENERATION_MASK = (1 << 5) - 1;

  /** As many operations as a tag can tell apart. */
  static final int MOST_SLOTS = 1 << SLOT_BITS;

  /**
   * What is in the page cache is read while it is submitted, and whoever reads on at once submits
   * again: Netty handles up to 128 such rounds before it lets tasks run. After so many submissions
   * the next ones wait for those.
   */
  private static final int MOST_IN_A_ROW = 512;

  /** Of cancellations, whose outcome tells nothing that the operation's own does not. */
  private static final short NO_TAG = -1;

  private final LoopFiles files;
  private final Loop loop;
  private final Operation<?>[] slots;
  private final byte[] generations;
  private final short[] free;
  private int freeCount;
  private IoRegistration registration;

  // What is put off until the loop's tasks have had their turn.
  private final ArrayDeque<Operation<?>> putOff = new ArrayDeque<>();
  private final Runnable resume = this::resume;
  private int submittedInARow;

  RingDriver(LoopFiles files, Loop loop, int limit) {
    this.files = files;
    this.loop = loop;
    this.slots = new Operation<?>[limit];
    this.generations = new byte[limit];
    this.free = new short[limit];
    for (int slot = limit - 1; slot >= 0; slot--) {
      free[freeCount++] = (short) slot;
    }
  }

  @Override
  public void submit(Operation<?> operation) {
    if (registration == null) {
      registration = loop.register(this).syncUninterruptibly().getNow(); // on the loop: at once
    }
    if (submittedInARow < MOST_IN_A_ROW) {
      submittedInARow++;
      give(operation);
      return;
    }
    putOff.add(operation);
    if (putOff.size() == 1 && !files.onLoop(resume)) {
      resume(); // the loop ends: the kernel gets the last ones at once
    }
  }

  private void resume() {
    submittedInARow = 0;
    while (!putOff.isEmpty() && submittedInARow < MOST_IN_A_ROW) {
      submittedInARow++;
      give(putOff.poll());
    }
    if (!putOff.isEmpty()) {
      files.onLoop(resume);
    }
  }

  private void give(Operation<?> operation) {
    int slot = free[--freeCount];
    slots[slot] = operation;
    ask(operation, slot);
  }

  private void ask(Operation<?> operation, int slot) {
    generations[slot] = (byte) ((generations[slot] + 1) & GENERATION_MASK);
    operation.tag = (short) (generations[slot] << SLOT_BITS | slot);
    operation.submission =
        registration.submit(
            operation.request().submission(operation.tag, operation.submissionFlags()));
  }

  @Override
  public void handle(IoRegistration of, IoEvent event) {
    IoUringIoEvent completion = (IoUringIoEvent) event; // reused by Netty: read before all else
    short tag = (short) completion.userData();
    int result = completion.res();
    if (tag == NO_TAG) {
      return;
    }
    int slot = tag & SLOT_MASK;
    Operation<?> operation = slots[slot];
    if (operation == null || operation.tag != tag) {
      LOG.log(Level.ERROR, "a file operation was completed twice: {0}", completion);
      return;
    }
    if (operation.again(result)) {
      ask(operation, slot);
      return;
    }
    slots[slot] = null;
    free[freeCount++] = (short) slot;
    files.answered(operation);
  }

  @Override
  public void cancel(Operation<?> operation) {
    if (putOff.remove(operation)) { // the kernel has not heard of it
      operation.stop();
      operation.again(-Errno.ECANCELED);
      files.answered(operation);
      return;
    }
    int slot = operation.tag & SLOT_MASK;
    if (operation.tag >= 0 && slots[slot] == operation) {
      operation.stop();
      registration.submit(Sqe.cancel(operation.submission, NO_TAG));
    }
  }

  void cancelAll(OpenFile file) {
    all().stream().filter(operation -> operation.file() == file).forEach(this::cancel);
  }

  void endAll() {
    all().forEach(Operation::end);
  }

  /** A copy: who is told may start others. */
  private List<Operation<?>> all() {
    List<Operation<?>> all = new ArrayList<>(putOff);
    for (Operation<?> operation : slots) {
      if (operation != null) {
        all.add(operation);
      }
    }
    return all;
  }

  /** The loop ends; Netty waits for what the kernel has. */
  @Override
  public void close() {
    files.end();
    putOff.forEach(this::give);
    putOff.clear();
  }
}
