package dev.headrace.internal.ring;

/** How file operations of one loop are done. Confined to that loop. */
interface FileDriver {
  /**
   * Asks the kernel; {@link LoopFiles#answered} is called on the loop when all is done.
   *
   * @param operation in a slot
   */
  void submit(Operation<?> operation);

  /** Asks the kernel to stop an operation that was submitted, if that can be. */
  void cancel(Operation<?> operation);
}
