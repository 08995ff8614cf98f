package dev.headrace.internal.ring;

import io.netty.channel.uring.IoUringIoOps;
import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * A request whose answer is no more than that it was done.
 *
 * <p>{@link FileRequests} and {@link PathRequests} make them, both forms of each side by side.
 */
final class SimpleRequest implements Request<Void> {
  /** The form for the ring. */
  @FunctionalInterface
  interface Form {
    IoUringIoOps of(byte flags, short tag);
  }

  private static final Runnable NOTHING = () -> {};

  private final String name;
  private final int opcode;
  private final Form form;
  private final LongSupplier call;
  private final String path;
  private final String other;
  private final Runnable release;
  private long result;

  private SimpleRequest(
      String name,
      int opcode,
      Form form,
      LongSupplier call,
      String path,
      String other,
      Runnable release) {
    this.name = name;
    this.opcode = opcode;
    this.form = form;
    this.call = call;
    this.path = path;
    this.other = other;
    this.release = release;
  }

  /** On an open file. */
  static SimpleRequest on(OpenFile file, String name, int opcode, Form form, LongSupplier call) {
    return new SimpleRequest(name, opcode, form, call, file.path(), null, NOTHING);
  }

  /** On a path. */
  static SimpleRequest on(CPath path, String name, int opcode, Form form, LongSupplier call) {
    return new SimpleRequest(name, opcode, form, call, path.text(), null, path::release);
  }

  /** On two paths. */
  static SimpleRequest on(
      CPath path, CPath other, String name, int opcode, Form form, LongSupplier call) {
    Runnable release =
        () -> {
          path.release();
          other.release();
        };
    return new SimpleRequest(name, opcode, form, call, path.text(), other.text(), release);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int opcode() {
    return opcode;
  }

  @Override
  public IoUringIoOps submission(short tag, byte flags) {
    return form.of(flags, tag);
  }

  @Override
  public long call() {
    return call.getAsLong();
  }

  @Override
  public boolean again(long answer) {
    result = answer;
    return false;
  }

  @Override
  public Void value() throws IOException {
    if (result < 0) {
      throw FileFailures.of(name, path, other, result);
    }
    return null;
  }

  @Override
  public void release() {
    release.run();
  }
}
