package dev.headrace.internal.ring;

import io.netty.channel.uring.IoUringIoOps;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Where in a file the next read or write at no position of its own goes. One operation uses it at a
 * time, and moves it when it is done.
 */
public final class Cursor {
  private final AtomicReference<Object> user = new AtomicReference<>();
  private volatile long position;

  /** In bytes from the start. */
  public long position() {
    return position;
  }

  /** Keeps others away until {@link #leave}. */
  public void enter(Object who) {
    Object other = user.compareAndExchange(null, who);
    if (other != null) {
      throw new IllegalStateException(
          "another operation uses this file's cursor; one does at a time: give positions, or take a"
              + " duplicate()");
    }
  }

  /** As {@link #enter}; false when somebody has entered. */
  public boolean tryEnter(Object who) {
    return user.compareAndSet(null, who);
  }

  /** By whoever has entered. */
  public void leave() {
    user.set(null);
  }

  /** By whoever has entered. */
  public void moveTo(long place) {
    position = place;
  }

  /**
   * A request that moves the cursor by what it transferred, and leaves it. Made by who has entered.
   *
   * @param cursor entered
   * @param transfer at its position
   * @param isWhole whether the cursor stays where it is if not all can be transferred
   */
  public record Moving(Cursor cursor, Transfer transfer, boolean isWhole)
      implements Request<Integer> {
    @Override
    public String name() {
      return transfer.name();
    }

    @Override
    public int opcode() {
      return transfer.opcode();
    }

    @Override
    public IoUringIoOps submission(short tag, byte flags) {
      return transfer.submission(tag, flags);
    }

    @Override
    public long call() {
      return transfer.call();
    }

    @Override
    public boolean again(long result) {
      return transfer.again(result);
    }

    @Override
    public Integer value() throws IOException {
      try {
        int count = transfer.value();
        cursor.moveTo(cursor.position() + Math.max(0, count));
        return count;
      } catch (IOException e) {
        if (!isWhole) {
          cursor.moveTo(cursor.position() + transfer.done());
        }
        throw e;
      }
    }

    @Override
    public boolean isTransfer() {
      return true;
    }

    @Override
    public void release() {
      transfer.release();
      cursor.leave();
    }
  }
}
