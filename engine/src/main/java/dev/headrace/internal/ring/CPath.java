package dev.headrace.internal.ring;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;

/** A path as the kernel takes it: bytes that end with a zero, at an address that stays. */
public final class CPath {
  private final String text;
  private final ByteBuf bytes;

  private CPath(String text, byte[] encoded) {
    this.text = text;
    this.bytes = Unpooled.directBuffer(encoded.length + 1).writeBytes(encoded).writeByte(0);
  }

  /**
   * A path of the default file system.
   *
   * @throws ProviderMismatchException when it is another's, such as one within a zip file
   */
  public static CPath of(Path path) {
    if (path.getFileSystem() != FileSystems.getDefault()) {
      throw new ProviderMismatchException(
          path + " is of " + path.getFileSystem() + ": only files of the host can be used");
    }
    // The kernel takes no empty path; the JDK means the working directory by it.
    return path.toString().isEmpty()
        ? new CPath(".", new byte[] {'.'})
        : new CPath(path.toString(), PathBytes.of(path));
  }

  /** As the caller wrote it. */
  public String text() {
    return text;
  }

  /** Of the first byte. */
  public long address() {
    return bytes.memoryAddress();
  }

  /** Frees the memory. */
  public void release() {
    bytes.release();
  }
}
