package dev.headrace.net;

import dev.headrace.Engine;
import dev.headrace.internal.loop.LoopThread;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Finds the addresses of a host by its name. Any thread may use it.
 *
 * <p>It asks the JDK, and so the system's own resolver, on one of the engine's blocking threads:
 * that is the one that knows {@code /etc/hosts}, {@code nsswitch.conf}, search domains and the
 * JDK's cache, as every other program of the host does. It has no asynchronous form, so a lookup
 * holds a thread, never a loop.
 */
public final class Resolver {
  private final Engine engine;
  private final Lookup lookup;

  private Resolver(Engine engine, Lookup lookup) {
    this.engine = engine;
    this.lookup = lookup;
  }

  /** Where addresses come from. */
  @FunctionalInterface
  public interface Lookup {
    /**
     * Finds the addresses of a host; may block.
     *
     * @param host a name, or an address in figures
     * @return one or more, the preferred one first
     * @throws UnknownHostException when there is none
     */
    InetAddress[] addressesOf(String host) throws UnknownHostException;
  }

  /**
   * The system's resolver.
   *
   * @param engine whose blocking threads it uses
   * @return a resolver
   */
  public static Resolver of(Engine engine) {
    return of(engine, InetAddress::getAllByName);
  }

  /**
   * A resolver of one's own.
   *
   * @param engine whose blocking threads it uses
   * @param lookup is asked on one of them
   * @return a resolver
   */
  public static Resolver of(Engine engine, Lookup lookup) {
    return new Resolver(engine, lookup);
  }

  /**
   * Finds addresses by the system's resolver.
   *
   * @param engine whose blocking threads it uses
   * @param host a name, or an address in figures
   * @param port 0 to 65,535
   * @return one or more, the preferred one first
   * @throws java.io.InterruptedIOException when the calling task is interrupted
   * @throws UnknownHostException when there is none
   */
  public static List<InetSocketAddress> lookup(Engine engine, String host, int port)
      throws IOException {
    return of(engine).lookup(host, port);
  }

  /**
   * The same without waiting.
   *
   * @param engine whose blocking threads it uses
   * @param host a name, or an address in figures
   * @param port 0 to 65,535
   * @return the addresses
   */
  public static CompletableFuture<List<InetSocketAddress>> lookupAsync(
      Engine engine, String host, int port) {
    return of(engine).lookupAsync(host, port);
  }

  /** As {@link #lookup(Engine, String, int)}, by this resolver. */
  public List<InetSocketAddress> lookup(String host, int port) throws IOException {
    LoopThread.refuse("lookup");
    return Waiting.await("lookup", lookupAsync(host, port), addresses -> {});
  }

  /** As {@link #lookupAsync(Engine, String, int)}, by this resolver. */
  public CompletableFuture<List<InetSocketAddress>> lookupAsync(String host, int port) {
    return engine.blockingAsync(
        () -> {
          InetAddress[] addresses;
          try {
            addresses = lookup.addressesOf(host);
          } catch (UnknownHostException e) {
            UnknownHostException unknown =
                new UnknownHostException(
                    "lookup "
                        + host
                        + ": no such host: check the name, /etc/hosts and /etc/resolv.conf");
            unknown.initCause(e);
            throw unknown;
          }
          if (addresses.length == 0) {
            throw new UnknownHostException("lookup " + host + ": it has no address");
          }
          return Arrays.stream(addresses)
              .map(address -> new InetSocketAddress(address, port))
              .toList();
        });
  }

  Engine engine() {
    return engine;
  }
}
