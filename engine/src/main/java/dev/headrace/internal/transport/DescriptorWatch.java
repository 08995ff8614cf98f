package dev.headrace.internal.transport;

import dev.headrace.internal.loop.Loop;
import dev.headrace.linux.Descriptors;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * Watches a descriptor that is no channel of Netty's, edge-triggered: once it would have blocked,
 * the next change is told. It owns the descriptor, which is closed on the loop's thread when the
 * watch is stopped or the loop ends, so that no event of an earlier owner of its number is told.
 */
public final class DescriptorWatch {
  // linux/eventpoll.h
  private static final int EPOLLIN = 0x1;
  private static final int EPOLLOUT = 0x4;
  private static final int EPOLLERR = 0x8;
  private static final int EPOLLHUP = 0x10;
  private static final int EPOLLRDHUP = 0x2000;

  private static final System.Logger LOG = System.getLogger("dev.headrace");

  private final IoRegistration registration;

  private DescriptorWatch(IoRegistration registration) {
    this.registration = registration;
  }

  /** Who is told; on the loop's thread. */
  public interface Watcher {
    /**
     * Something changed.
     *
     * @param readable reading may give something: bytes, the end or an error
     * @param writable writing may be possible, or fail
     * @param hungUp nobody is at the other end any more
     */
    void changed(boolean readable, boolean writable, boolean hungUp);

    /** The watch has ended, or the loop; told before the descriptor is closed, perhaps twice. */
    void ended();
  }

  /**
   * Begins to watch.
   *
   * @param loop on epoll
   * @param fd never blocks; owned from now on, and closed when this fails
   * @param watcher is told
   * @return the watch, once it has begun
   */
  public static CompletableFuture<DescriptorWatch> start(Loop loop, int fd, Watcher watcher) {
    CompletableFuture<DescriptorWatch> begun = new CompletableFuture<>();
    try {
      loop.register(new Handle(new FileDescriptor(fd), watcher))
          .addListener(
              done -> {
                if (done.isSuccess()) {
                  begin(loop, (IoRegistration) done.getNow(), begun);
                } else {
                  Descriptors.close(fd);
                  begun.completeExceptionally(done.cause());
                }
              });
    } catch (RejectedExecutionException e) {
      Descriptors.close(fd);
      begun.completeExceptionally(new IllegalStateException("the engine is closed"));
    }
    return begun;
  }

  private static void begin(
      Loop loop, IoRegistration registration, CompletableFuture<DescriptorWatch> begun) {
    if (loop.isShuttingDown()) { // it may have ended what it watches already
      registration.cancel();
      begun.completeExceptionally(new IllegalStateException("the engine is closed"));
      return;
    }
    try {
      registration.submit(
          EpollIoOps.EPOLLIN
              .with(EpollIoOps.EPOLLOUT)
              .with(EpollIoOps.EPOLLRDHUP)
              .with(EpollIoOps.EPOLLET));
    } catch (RuntimeException e) {
      registration.cancel();
      begun.completeExceptionally(e);
      return;
    }
    DescriptorWatch watch = new DescriptorWatch(registration);
    if (!begun.complete(watch)) {
      watch.stop();
    }
  }

  /** Stops, and closes the descriptor. */
  public void stop() {
    try {
      registration.cancel();
    } catch (RejectedExecutionException e) {
      // The loop has ended, and with it what it watched.
    }
  }

  private record Handle(FileDescriptor fd, Watcher watcher) implements EpollIoHandle {
    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      int events = ((EpollIoEvent) event).ops().value();
      boolean failed = (events & (EPOLLERR | EPOLLHUP)) != 0;
      watcher.changed(
          failed || (events & (EPOLLIN | EPOLLRDHUP)) != 0,
          failed || (events & EPOLLOUT) != 0,
          (events & EPOLLHUP) != 0);
    }

    @Override
    public void unregistered() {
      end();
    }

    /** The loop ends. A watch that another thread has just stopped is not unregistered then. */
    @Override
    public void close() {
      end();
    }

    /** First nobody uses the number any more, then it may be another one's. Twice does nothing. */
    private void end() {
      watcher.ended(); // whoever waits is told, whichever way the watch ended
      try {
        fd.close(); // Netty's, which knows that it is closed and leaves the number alone from now
      } catch (IOException e) {
        LOG.log(Level.DEBUG, "closing a descriptor failed", e);
      }
    }
  }
}
