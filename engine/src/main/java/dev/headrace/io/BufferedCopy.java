package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;

/** A copy that gathers small pieces. What was gathered and not sent goes back to the source. */
final class BufferedCopy {
  private final ByteSource source;
  private final ByteSink sink;
  private final int bufferBytes;
  private ByteBuf gathered; // null while there is nothing in it
  private ByteBuf piece; // received, and not yet sent or gathered
  private long sent;

  BufferedCopy(ByteSource source, ByteSink sink, int bufferBytes) {
    if (bufferBytes < 1) {
      throw new IllegalArgumentException("bufferBytes is " + bufferBytes + ", must be 1 or more");
    }
    this.source = source;
    this.sink = sink;
    this.bufferBytes = bufferBytes;
  }

  long run() throws IOException {
    try {
      for (piece = source.receive(); piece != null; piece = source.receive()) {
        takePiece();
      }
      sendGathered();
      return sent;
    } catch (Throwable e) {
      giveBack();
      throw e;
    }
  }

  private void takePiece() throws IOException {
    while (piece != null) {
      if (gathered == null && piece.readableBytes() >= bufferBytes) {
        int count = piece.readableBytes();
        sink.send(piece);
        piece = null;
        sent += count;
        return;
      }
      if (gathered == null) {
        gathered = ByteBufAllocator.DEFAULT.buffer(bufferBytes, bufferBytes);
      }
      gathered.writeBytes(piece, Math.min(piece.readableBytes(), gathered.maxWritableBytes()));
      if (!piece.isReadable()) {
        piece.release();
        piece = null;
      }
      if (gathered.maxWritableBytes() == 0) {
        sendGathered();
      }
    }
  }

  private void sendGathered() throws IOException {
    if (gathered != null) {
      int count = gathered.readableBytes();
      sink.send(gathered);
      gathered = null;
      sent += count;
    }
  }

  private void giveBack() {
    if (piece != null) {
      source.unread(piece);
    }
    if (gathered != null) {
      source.unread(gathered);
    }
  }
}
