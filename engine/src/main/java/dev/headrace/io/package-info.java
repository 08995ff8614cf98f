/**
 * Sources and sinks of bytes and what can be done with any of them: they know no socket and no
 * file.
 *
 * <pre>
 *            receive()               send()
 * ByteSource ---------&gt; a ByteBuf ---------&gt; ByteSink        {@link dev.headrace.io.Streams}
 *     ^  ^                                     |  |
 *     |  |  BufferedSource      BufferedSink   |  |          lines, numbers, small writes
 *     |     FrameReader          FrameWriter      |          messages, by a Codec
 *     |                                           |
 * {@link dev.headrace.io.Sources}, {@link dev.headrace.io.Pipes}, {@link dev.headrace.io.Sinks}
 * </pre>
 *
 * <p>A buffer has one owner: {@code receive} gives it to the caller, {@code send} and {@code
 * unread} take it. Whoever is interrupted has either given a buffer away or still has it, and what
 * it can do nothing with it puts back to the front of its source: so an interrupt loses no byte.
 */
package dev.headrace.io;
