package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.time.Instant;

/**
 * What statx(2) or io_uring's STATX gives of a file. A field whose bit {@link #mask} lacks is zero
 * or made up by the file system. {@code links}, {@code uid}, {@code gid} and the device's numbers
 * are unsigned 32 bits.
 *
 * @param mask which fields are filled in: the {@code STATX_} bits of {@link FileFlags}
 * @param blockSize the size in bytes that the file system likes best for reads and writes
 * @param attributes the {@code STATX_ATTR_} bits of linux/stat.h
 * @param links how many names it has
 * @param uid the owner
 * @param gid the group
 * @param mode the type, under {@link FileFlags#S_IFMT}, and the twelve bits of permissions
 * @param inode its number in its file system
 * @param sizeBytes its length
 * @param blocks its space on the device, in units of 512 bytes whatever the block size
 * @param accessed when it was last read, as exactly as the mount's options keep it
 * @param created when it was made; null where the file system does not know
 * @param changed when its data or its metadata last changed
 * @param modified when its data last changed
 * @param deviceMajor the file system's device
 * @param deviceMinor the file system's device
 */
public record Statx(
    int mask,
    int blockSize,
    long attributes,
    int links,
    int uid,
    int gid,
    int mode,
    long inode,
    long sizeBytes,
    long blocks,
    Instant accessed,
    Instant created,
    Instant changed,
    Instant modified,
    int deviceMajor,
    int deviceMinor) {
  /** {@code sizeof(struct statx)}: what statx(2) writes. */
  public static final int SIZE_BYTES = 256;

  /**
   * Decodes what the kernel wrote. Any thread may call it once the call has completed.
   *
   * @param address of {@link #SIZE_BYTES} readable bytes, at a multiple of 8; another address may
   *     crash the JVM
   * @return the values, which do not refer to the memory
   * @throws UnsupportedOperationException elsewhere than on Linux
   * @throws IllegalCallerException where the JVM denies native access
   */
  @SuppressWarnings("restricted")
  public static Statx read(long address) {
    Linux.require("statx");
    MemorySegment statx = MemorySegment.ofAddress(address).reinterpret(SIZE_BYTES);
    int mask = statx.get(JAVA_INT, FileAbi.STX_MASK);
    boolean hasCreated = (mask & FileFlags.STATX_BTIME) != 0;
    return new Statx(
        mask,
        statx.get(JAVA_INT, FileAbi.STX_BLKSIZE),
        statx.get(JAVA_LONG, FileAbi.STX_ATTRIBUTES),
        statx.get(JAVA_INT, FileAbi.STX_NLINK),
        statx.get(JAVA_INT, FileAbi.STX_UID),
        statx.get(JAVA_INT, FileAbi.STX_GID),
        Short.toUnsignedInt(statx.get(JAVA_SHORT, FileAbi.STX_MODE)),
        statx.get(JAVA_LONG, FileAbi.STX_INO),
        statx.get(JAVA_LONG, FileAbi.STX_SIZE),
        statx.get(JAVA_LONG, FileAbi.STX_BLOCKS),
        instant(statx, FileAbi.STX_ATIME),
        hasCreated ? instant(statx, FileAbi.STX_BTIME) : null,
        instant(statx, FileAbi.STX_CTIME),
        instant(statx, FileAbi.STX_MTIME),
        statx.get(JAVA_INT, FileAbi.STX_DEV_MAJOR),
        statx.get(JAVA_INT, FileAbi.STX_DEV_MINOR));
  }

  private static Instant instant(MemorySegment statx, long timestamp) {
    return Instant.ofEpochSecond(
        statx.get(JAVA_LONG, timestamp + FileAbi.TIMESTAMP_SECONDS),
        statx.get(JAVA_INT, timestamp + FileAbi.TIMESTAMP_NANOS));
  }
}
