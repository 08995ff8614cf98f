package dev.headrace.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** Accepts as it is iterated over; ends when the listener is closed. */
final class Incoming<S extends SocketStream> implements Iterator<S> {
  interface Accept<S> {
    S accept() throws IOException;
  }

  private final Accept<S> listener;
  private S next;

  Incoming(Accept<S> listener) {
    this.listener = listener;
  }

  @Override
  public boolean hasNext() {
    try {
      if (next == null) {
        next = listener.accept();
      }
      return true;
    } catch (ClosedChannelException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public S next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the listener is closed");
    }
    S accepted = next;
    next = null;
    return accepted;
  }
}
