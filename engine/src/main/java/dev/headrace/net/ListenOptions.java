package dev.headrace.net;

import java.util.OptionalInt;

/** How a listener is bound. Immutable: start from {@link #defaults} and change what must differ. */
public final class ListenOptions {
  private static final ListenOptions DEFAULTS =
      new ListenOptions(OptionalInt.empty(), OptionValues.NONE, OptionValues.NONE);

  private final OptionalInt backlog;
  private final OptionValues options;
  private final OptionValues childOptions;

  private ListenOptions(OptionalInt backlog, OptionValues options, OptionValues childOptions) {
    this.backlog = backlog;
    this.options = options;
    this.childOptions = childOptions;
  }

  /** The engine's backlog; addresses are reused, and the streams have no-delay. */
  public static ListenOptions defaults() {
    return DEFAULTS;
  }

  /**
   * How many connections may wait to be accepted.
   *
   * @param connections 1 or more; the kernel caps it at net.core.somaxconn
   * @return options that say so
   */
  public ListenOptions backlog(int connections) {
    if (connections < 1) {
      throw new IllegalArgumentException(
          "the backlog is " + connections + ": it must be 1 or more");
    }
    return new ListenOptions(OptionalInt.of(connections), options, childOptions);
  }

  /**
   * Sets an option of the listener before it is bound.
   *
   * @param option which
   * @param value its value
   * @return options that do
   */
  public <T> ListenOptions set(Option<T> option, T value) {
    return new ListenOptions(backlog, options.with(option, value), childOptions);
  }

  /**
   * Sets an option of each stream that is accepted; one that cannot be had closes the stream, and
   * is logged.
   *
   * @param option which
   * @param value its value
   * @return options that do
   */
  public <T> ListenOptions setChild(Option<T> option, T value) {
    return new ListenOptions(backlog, options, childOptions.with(option, value));
  }

  OptionalInt backlog() {
    return backlog;
  }

  OptionValues options() {
    return options;
  }

  OptionValues childOptions() {
    return childOptions;
  }
}
