package dev.headrace.file;

import dev.headrace.linux.FileFlags;
import dev.headrace.linux.Statx;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Metadata of a file, at one moment.
 *
 * @param kind what it is
 * @param size in bytes; of a symbolic link the length of its target's path
 * @param allocated how much room it takes on the device, in bytes: less than its size if it is
 *     sparse
 * @param mode the permission bits, 0 to 07777
 * @param uid the owner's number
 * @param gid the group's number
 * @param links how many names it has
 * @param inode its number in its file system
 * @param device the number of its file system's device
 * @param blockSize the size of transfers that the file system likes best, in bytes
 * @param modified when its bytes were last changed
 * @param accessed when it was last read, as far as the file system keeps that
 * @param changed when its bytes or its metadata were last changed
 * @param created when it was made; empty where the file system does not keep that
 */
public record FileStat(
    Kind kind,
    long size,
    long allocated,
    int mode,
    long uid,
    long gid,
    long links,
    long inode,
    long device,
    int blockSize,
    Instant modified,
    Instant accessed,
    Instant changed,
    Optional<Instant> created) {

  /** What a path can lead to. */
  public enum Kind {
    /** Bytes. */
    REGULAR,
    /** Names. */
    DIRECTORY,
    /** Another path; only where links are not followed. */
    SYMBOLIC_LINK,
    /** A named pipe. */
    FIFO,
    /** A Unix socket. */
    SOCKET,
    /** A device of blocks. */
    BLOCK_DEVICE,
    /** A device of bytes. */
    CHARACTER_DEVICE
  }

  private static final int PERMISSIONS = 07777;
  private static final int SECTOR_BYTES = 512;

  static FileStat of(Statx stat) {
    return new FileStat(
        kind(stat.mode()),
        stat.sizeBytes(),
        stat.blocks() * SECTOR_BYTES,
        stat.mode() & PERMISSIONS,
        Integer.toUnsignedLong(stat.uid()),
        Integer.toUnsignedLong(stat.gid()),
        Integer.toUnsignedLong(stat.links()),
        stat.inode(),
        Integer.toUnsignedLong(stat.deviceMajor()) << Integer.SIZE
            | Integer.toUnsignedLong(stat.deviceMinor()),
        stat.blockSize(),
        stat.modified(),
        stat.accessed(),
        stat.changed(),
        Optional.ofNullable(stat.created()));
  }

  static Kind kind(int mode) {
    return switch (mode & FileFlags.S_IFMT) {
      case FileFlags.S_IFDIR -> Kind.DIRECTORY;
      case FileFlags.S_IFLNK -> Kind.SYMBOLIC_LINK;
      case FileFlags.S_IFIFO -> Kind.FIFO;
      case FileFlags.S_IFSOCK -> Kind.SOCKET;
      case FileFlags.S_IFBLK -> Kind.BLOCK_DEVICE;
      case FileFlags.S_IFCHR -> Kind.CHARACTER_DEVICE;
      default -> Kind.REGULAR;
    };
  }

  /** Whether it holds bytes. */
  public boolean isRegular() {
    return kind == Kind.REGULAR;
  }

  /** Whether it holds names. */
  public boolean isDirectory() {
    return kind == Kind.DIRECTORY;
  }

  /** Whether it is a symbolic link itself. */
  public boolean isSymbolicLink() {
    return kind == Kind.SYMBOLIC_LINK;
  }

  /** Who may do what, without the set-user, set-group and sticky bits. */
  public Set<PosixFilePermission> permissions() {
    PosixFilePermission[] all = PosixFilePermission.values(); // from the owner's read on down
    Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
    for (PosixFilePermission permission : all) {
      if ((mode & bit(permission)) != 0) {
        set.add(permission);
      }
    }
    return set;
  }

  private static int bit(PosixFilePermission permission) {
    return 0400 >> permission.ordinal();
  }

  static int mode(Set<PosixFilePermission> permissions) {
    return permissions.stream().mapToInt(FileStat::bit).sum();
  }
}
