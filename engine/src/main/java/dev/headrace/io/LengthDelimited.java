package dev.headrace.io;

import java.nio.ByteOrder;
import java.util.Objects;

/**
 * How a frame says its length.
 *
 * <pre>
 * | lengthFieldOffset | lengthFieldLength | what the field counts, after adjustment |
 * |&lt;-- initialBytesToStrip, often --&gt;|&lt;-------------- the message ----------------&gt;|
 * </pre>
 *
 * @param maxFrameLength the longest frame with all its headers, in bytes, at least 1
 * @param lengthFieldOffset how many bytes come before the field, at least 0
 * @param lengthFieldLength how many bytes the field has: 1, 2, 3, 4 or 8
 * @param lengthAdjustment what to add to the field's value to get the bytes behind the field;
 *     negative when it counts headers too
 * @param initialBytesToStrip how much of a frame's start is not part of the message: 0, or at least
 *     up to the end of the field. A writer sends these bytes as zero, but for the field; with 0 a
 *     message brings its own headers
 * @param order which byte of the field comes first
 */
public record LengthDelimited(
    int maxFrameLength,
    int lengthFieldOffset,
    int lengthFieldLength,
    int lengthAdjustment,
    int initialBytesToStrip,
    ByteOrder order) {
  /** Checks the ranges. */
  public LengthDelimited {
    require(maxFrameLength >= 1, "maxFrameLength", maxFrameLength);
    require(lengthFieldOffset >= 0, "lengthFieldOffset", lengthFieldOffset);
    require(
        lengthFieldLength >= 1 && lengthFieldLength <= 4 || lengthFieldLength == 8,
        "lengthFieldLength",
        lengthFieldLength);
    require(
        lengthFieldOffset <= maxFrameLength - lengthFieldLength,
        "maxFrameLength (less than the headers)",
        maxFrameLength);
    int end = lengthFieldOffset + lengthFieldLength;
    require(
        initialBytesToStrip == 0
            || initialBytesToStrip >= end && initialBytesToStrip <= maxFrameLength,
        "initialBytesToStrip",
        initialBytesToStrip);
    Objects.requireNonNull(order, "order");
  }

  private static void require(boolean holds, String name, int value) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + ": out of range");
    }
  }

  /**
   * Four bytes of length, the highest first, then the message.
   *
   * @param maxMessageLength the longest message, in bytes, at least 0
   * @return these options
   */
  public static LengthDelimited upTo(int maxMessageLength) {
    return new LengthDelimited(
        Math.addExact(maxMessageLength, 4), 0, 4, 0, 4, ByteOrder.BIG_ENDIAN);
  }

  /**
   * With the field elsewhere; all up to its end is stripped.
   *
   * @param offset how many bytes come before it
   * @param length how many bytes it has
   * @return the changed options
   */
  public LengthDelimited withField(int offset, int length) {
    return new LengthDelimited(
        maxFrameLength, offset, length, lengthAdjustment, offset + length, order);
  }

  /**
   * With another adjustment.
   *
   * @param adjustment what to add to the field's value
   * @return the changed options
   */
  public LengthDelimited withAdjustment(int adjustment) {
    return new LengthDelimited(
        maxFrameLength,
        lengthFieldOffset,
        lengthFieldLength,
        adjustment,
        initialBytesToStrip,
        order);
  }

  /**
   * With more or nothing stripped.
   *
   * @param bytes 0, or at least up to the end of the field
   * @return the changed options
   */
  public LengthDelimited withStrip(int bytes) {
    return new LengthDelimited(
        maxFrameLength, lengthFieldOffset, lengthFieldLength, lengthAdjustment, bytes, order);
  }

  /**
   * With another order of the field's bytes.
   *
   * @param other which comes first
   * @return the changed options
   */
  public LengthDelimited withOrder(ByteOrder other) {
    return new LengthDelimited(
        maxFrameLength,
        lengthFieldOffset,
        lengthFieldLength,
        lengthAdjustment,
        initialBytesToStrip,
        other);
  }
}
