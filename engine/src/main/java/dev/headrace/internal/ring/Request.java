package dev.headrace.internal.ring;

import io.netty.channel.uring.IoUringIoOps;
import java.io.IOException;

/**
 * One thing that is asked of the kernel, in both of its forms: a submission on a ring, and the
 * system call that does the same on a thread that may block. It may take several: what the kernel
 * did only in part is asked again for the rest.
 *
 * <p>Used by one thread at a time: who made it, then whoever asks the kernel, then who waits.
 *
 * @param <T> what it gives
 */
public interface Request<T> {
  /** The verb, for messages. */
  String name();

  /** The operation's number on a ring, which a kernel may lack. */
  int opcode();

  /**
   * The next submission.
   *
   * @param tag comes back with the completion
   * @param flags of the submission
   */
  IoUringIoOps submission(short tag, byte flags);

  /** Makes the same as a system call; its result, or minus the errno. */
  long call();

  /**
   * Takes what the kernel answered.
   *
   * @param result of the operation, or minus the errno
   * @return whether to ask again, for the rest
   */
  boolean again(long result);

  /**
   * What came of it, once there is nothing more to ask.
   *
   * @throws IOException when it failed
   */
  T value() throws IOException;

  /**
   * Whether it is to or from memory that the caller gave: who blocks then waits until the kernel
   * has let go, even if interrupted.
   */
  default boolean isTransfer() {
    return false;
  }

  /** Nobody takes what came of it: gives back what that holds, such as a descriptor. */
  default void discard() {}

  /** The kernel is done with its memory, and its value is taken. */
  default void release() {}
}
