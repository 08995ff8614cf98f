package dev.headrace.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

/** Pieces of a source as a stream of the JDK's. */
final class Pieces {
  private Pieces() {}

  /** Reads one piece; null when there is none left. */
  interface Read<T> {
    T next() throws IOException;
  }

  static <T> Stream<T> stream(Read<T> read) {
    return Stream.generate(() -> unchecked(read)).takeWhile(Objects::nonNull);
  }

  private static <T> T unchecked(Read<T> read) {
    try {
      return read.next();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] without(byte delimiter, byte[] piece) {
    if (piece == null || piece[piece.length - 1] != delimiter) {
      return piece;
    }
    return Arrays.copyOf(piece, piece.length - 1);
  }
}
