package dev.headrace.internal.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;

/**
 * Between the epoll set and a channel.
 *
 * <p>It keeps a descriptor in the set while its channel waits for nothing, edge-triggered so that a
 * hang-up is not told of for ever. Netty 4.2.18 takes it out and then fails to put it back, with
 * ENOENT: a half-closed connection that has to wait for room to send would lose the rest.
 *
 * <p>It drops what was meant for another. Netty finds a channel by the number of its descriptor:
 * when one event of a turn closes a connection and a new one gets its number, the events that the
 * kernel has told in the same turn of the old one come to the new one, which would take a connect
 * that goes on for done.
 *
 * <p>And somebody else may read and write the socket: what they wait for is added to what the
 * channel waits for.
 */
@SuppressWarnings("try") // its close() throws what Netty's does
final class EpollSocket implements EpollIoHandle, IoRegistration, DirectSocket {
  // linux/eventpoll.h
  private static final int EPOLLIN = 0x1;
  private static final int EPOLLOUT = 0x4;
  private static final int EPOLLERR = 0x8;
  private static final int EPOLLHUP = 0x10;
  private static final int EPOLLRDHUP = 0x2000;

  private static final int READS = EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP;
  private static final int WRITES = EPOLLOUT | EPOLLERR | EPOLLHUP;

  private final EpollIoHandle handle;
  private final DirectSockets sockets;
  private final long registeredIn;
  private IoRegistration registration;
  private EpollIoOps channels = EpollIoOps.NONE;
  private Runnable readable;
  private Runnable writable;

  EpollSocket(EpollIoHandle handle, DirectSockets sockets) {
    this.handle = handle;
    this.sockets = sockets;
    this.registeredIn = sockets.turn();
  }

  EpollSocket registered(IoRegistration as) {
    registration = as;
    return this;
  }

  @Override
  public void handle(IoRegistration ignored, IoEvent event) {
    if (registeredIn == sockets.turn()) {
      return; // of whoever had the number before
    }
    if (readable == null && writable == null) {
      handle.handle(this, event);
      return;
    }
    int events = ((EpollIoEvent) event).ops().value();
    Runnable reads = (events & READS) != 0 ? readable : null;
    Runnable writes = (events & WRITES) != 0 ? writable : null;
    if (writes != null) {
      writable = null;
      submit(channels);
      writes.run();
    }
    if (reads != null) {
      reads.run();
    }
    int rest = events & ~(reads != null ? READS : 0) & ~(writes != null ? WRITES : 0);
    if (rest != 0 && registration.isValid()) {
      handle.handle(this, new Event(EpollIoOps.valueOf(rest)));
    }
  }

  private record Event(EpollIoOps ops) implements EpollIoEvent {}

  @Override
  public long submit(IoOps ops) {
    channels = (EpollIoOps) ops;
    EpollIoOps all = channels;
    if (readable != null) {
      all = all.with(EpollIoOps.EPOLLIN).with(EpollIoOps.EPOLLRDHUP).with(EpollIoOps.EPOLLET);
    }
    if (writable != null) {
      all = all.with(EpollIoOps.EPOLLOUT); // not edge-triggered: the channel may read in parts
    }
    return registration.submit(EpollIoOps.NONE.equals(all) ? EpollIoOps.EPOLLET : all);
  }

  @Override
  public FileDescriptor fd() {
    return handle.fd();
  }

  @Override
  public int descriptor() {
    return handle.fd().intValue();
  }

  /** Netty reads when it is told to: it does nothing between two events. */
  @Override
  public void whenQuiet(EventLoop loop, Runnable action) {
    loop.execute(action);
  }

  @Override
  public boolean isQuiet() {
    return true;
  }

  @Override
  public void takeReading(Runnable action) {
    readable = action;
    submit(channels);
  }

  /** A change of the set tells of what is there already. */
  @Override
  public void awaitReadable(boolean drained) {
    if (!drained) {
      submit(channels);
    }
  }

  @Override
  public void awaitWritable(Runnable action) {
    writable = action;
    submit(channels);
  }

  @Override
  public void stopAwaitingWritable() {
    if (writable != null) {
      writable = null;
      resubmit();
    }
  }

  @Override
  public void giveReadingBack() {
    if (readable != null) {
      readable = null;
      resubmit();
    }
  }

  /** What it missed is told to the channel, as the set has changed. */
  private void resubmit() {
    if (registration.isValid() && handle.fd().isOpen()) {
      submit(channels);
    }
  }

  @Override
  public <T> T attachment() {
    return registration.attachment();
  }

  @Override
  public boolean isValid() {
    return registration.isValid();
  }

  @Override
  public boolean cancel() {
    return registration.cancel();
  }

  @Override
  public void registered() {
    sockets.add(handle, this);
    handle.registered();
  }

  @Override
  public void unregistered() {
    sockets.remove(handle);
    handle.unregistered();
  }

  @Override
  public void close() throws Exception {
    handle.close();
  }
}
