package dev.headrace.internal.ring;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Paths as the bytes that they are to the kernel, also those that are no text: the JDK's paths hold
 * such bytes, and show them in their URI alone.
 */
public final class PathBytes {
  private static final Charset ENCODING = Charset.forName(System.getProperty("sun.jnu.encoding"));

  private static final int HEX = 16;

  private PathBytes() {}

  /** What the kernel takes, without the zero at its end. */
  static byte[] of(Path path) {
    String text = path.toString();
    boolean isPlain = text.chars().allMatch(c -> c < 0x80);
    return isPlain || path.equals(textual(path, text)) ? text.getBytes(ENCODING) : ofOdd(path);
  }

  private static Path textual(Path path, String text) {
    try {
      return path.getFileSystem().getPath(text);
    } catch (java.nio.file.InvalidPathException e) {
      return null; // what the encoding cannot say
    }
  }

  private static byte[] ofOdd(Path path) {
    byte[] absolute = ofUri(path.toUri());
    if (path.isAbsolute()) {
      return absolute;
    }
    int prefix = ofUri(Path.of("").toUri()).length;
    return Arrays.copyOfRange(absolute, prefix == 1 ? 1 : prefix + 1, absolute.length);
  }

  private static byte[] ofUri(URI uri) {
    String raw = uri.getRawPath();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < raw.length(); i++) {
      if (raw.charAt(i) == '%') {
        bytes.write(Integer.parseInt(raw, i + 1, i + 3, HEX));
        i += 2;
      } else {
        bytes.write(raw.charAt(i));
      }
    }
    byte[] all = bytes.toByteArray();
    boolean isMarked = all.length > 1 && all[all.length - 1] == '/'; // as that of a directory
    return isMarked ? Arrays.copyOf(all, all.length - 1) : all;
  }

  /** A name that the kernel gave, as a path of that one name. */
  public static Path name(byte[] bytes) {
    try {
      return Path.of(ENCODING.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      StringBuilder uri = new StringBuilder("file:///");
      for (byte b : bytes) {
        uri.append(String.format("%%%02x", b));
      }
      return Path.of(URI.create(uri.toString())).getFileName();
    }
  }

  /** For messages. */
  static String text(byte[] bytes) {
    return new String(bytes, ENCODING);
  }
}
