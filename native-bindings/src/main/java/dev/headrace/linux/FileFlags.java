package dev.headrace.linux;

/**
 * The numbers that {@link FileCalls} and io_uring take for files, from the headers of Linux 6.18;
 * all of them are frozen ABI, on x86-64 and aarch64. {@code FileAbiTest} checks each against the C
 * compiler.
 *
 * <p>{@link #O_DIRECT}, {@link #O_DIRECTORY}, {@link #O_NOFOLLOW}, {@link #O_LARGEFILE} and {@link
 * #O_TMPFILE} differ between the two and are chosen by {@code os.arch}, so they are no compile-time
 * constants. {@link #O_LARGEFILE} is the kernel's number, where the C library of a 64-bit system
 * says 0.
 */
public final class FileFlags {
  private static final boolean ARM = "aarch64".equals(System.getProperty("os.arch"));

  // asm-generic/fcntl.h

  /** Opens to read. */
  public static final int O_RDONLY = 0;

  /** Opens to write. */
  public static final int O_WRONLY = 1;

  /** Opens to read and to write. */
  public static final int O_RDWR = 2;

  /** Makes the file where there is none, with the mode that is passed. */
  public static final int O_CREAT = 0x40;

  /** With {@link #O_CREAT}: fails with EEXIST where there is something. */
  public static final int O_EXCL = 0x80;

  /** Empties the file. */
  public static final int O_TRUNC = 0x200;

  /** Every write goes to the end, whatever its offset. */
  public static final int O_APPEND = 0x400;

  /** Does not wait, where waiting is known: pipes and devices, not regular files. */
  public static final int O_NONBLOCK = 0x800;

  /** Every write is on the device with what is needed to read it back. */
  public static final int O_DSYNC = 0x1000;

  /** Every write is on the device with all metadata; contains {@link #O_DSYNC}. */
  public static final int O_SYNC = 0x101000;

  /** Reading does not move the access time; EPERM but to the owner. */
  public static final int O_NOATIME = 0x40000;

  /** Closed on exec. */
  public static final int O_CLOEXEC = 0x80000;

  /** Names a place without opening it. */
  public static final int O_PATH = 0x200000;

  // asm-generic/fcntl.h and arch/arm64/include/uapi/asm/fcntl.h

  /** Past the page cache; memory, offset and length are aligned, EINVAL where they are not. */
  public static final int O_DIRECT = ARM ? 0x10000 : 0x4000;

  /** Files of 2 GiB and more; a 64-bit kernel sets it on its own. */
  public static final int O_LARGEFILE = ARM ? 0x20000 : 0x8000;

  /** Fails with ENOTDIR unless it is a directory. */
  public static final int O_DIRECTORY = ARM ? 0x4000 : 0x10000;

  /** Fails with ELOOP where the last name is a symbolic link. */
  public static final int O_NOFOLLOW = ARM ? 0x8000 : 0x20000;

  /** Makes a file without a name in the directory; with {@link #O_WRONLY} or {@link #O_RDWR}. */
  public static final int O_TMPFILE = 0x400000 | O_DIRECTORY;

  // linux/fcntl.h

  /** Instead of a directory: relative paths start at the working directory. */
  public static final int AT_FDCWD = -100;

  /** The symbolic link itself, not what it points to. */
  public static final int AT_SYMLINK_NOFOLLOW = 0x100;

  /** unlinkat removes a directory. */
  public static final int AT_REMOVEDIR = 0x200;

  /** linkat follows a symbolic link. */
  public static final int AT_SYMLINK_FOLLOW = 0x400;

  /** With an empty path: the descriptor itself. */
  public static final int AT_EMPTY_PATH = 0x1000;

  /** What the kernel has, without asking a server (statx). */
  public static final int AT_STATX_DONT_SYNC = 0x4000;

  // linux/fs.h

  /** This write as with {@link #O_DSYNC}; Linux 4.7. */
  public static final int RWF_DSYNC = 0x2;

  /** This write as with {@link #O_SYNC}; Linux 4.7. */
  public static final int RWF_SYNC = 0x4;

  /** EAGAIN, or a short count, where it would wait; Linux 4.14, regular files' reads mostly. */
  public static final int RWF_NOWAIT = 0x8;

  /** This write goes to the end; Linux 4.16. */
  public static final int RWF_APPEND = 0x10;

  /** Fails with EEXIST where the new name is taken. */
  public static final int RENAME_NOREPLACE = 0x1;

  /** Swaps the two names at once. */
  public static final int RENAME_EXCHANGE = 0x2;

  // linux/falloc.h

  /** Space beyond the end does not make the file longer. */
  public static final int FALLOC_FL_KEEP_SIZE = 0x1;

  /** Gives space back; with {@link #FALLOC_FL_KEEP_SIZE}. */
  public static final int FALLOC_FL_PUNCH_HOLE = 0x2;

  /** The range reads as zeros, its space stays. */
  public static final int FALLOC_FL_ZERO_RANGE = 0x10;

  // linux/fadvise.h

  /** No advice. */
  public static final int POSIX_FADV_NORMAL = 0;

  /** Random reads: no read-ahead. */
  public static final int POSIX_FADV_RANDOM = 1;

  /** Reads in order: twice the read-ahead. */
  public static final int POSIX_FADV_SEQUENTIAL = 2;

  /** Starts to read the range into the page cache. */
  public static final int POSIX_FADV_WILLNEED = 3;

  /** Drops clean whole pages of the range from the page cache. */
  public static final int POSIX_FADV_DONTNEED = 4;

  /** The range is read once; nothing before Linux 6.3. */
  public static final int POSIX_FADV_NOREUSE = 5;

  // linux/splice.h, which is not exported: the C library's bits/fcntl-linux.h

  /** A hint to move pages; nothing since Linux 2.6.21. */
  public static final int SPLICE_F_MOVE = 1;

  /** Does not wait for the pipe; a file may still make it wait. */
  public static final int SPLICE_F_NONBLOCK = 2;

  /** More follows: a socket may hold back its last segment. */
  public static final int SPLICE_F_MORE = 4;

  // linux/stat.h

  /** The type in {@link Statx#mode}. */
  public static final int STATX_TYPE = 0x1;

  /** The permissions in {@link Statx#mode}. */
  public static final int STATX_MODE = 0x2;

  /** {@link Statx#links}. */
  public static final int STATX_NLINK = 0x4;

  /** {@link Statx#uid}. */
  public static final int STATX_UID = 0x8;

  /** {@link Statx#gid}. */
  public static final int STATX_GID = 0x10;

  /** {@link Statx#accessed}. */
  public static final int STATX_ATIME = 0x20;

  /** {@link Statx#modified}. */
  public static final int STATX_MTIME = 0x40;

  /** {@link Statx#changed}. */
  public static final int STATX_CTIME = 0x80;

  /** {@link Statx#inode}. */
  public static final int STATX_INO = 0x100;

  /** {@link Statx#sizeBytes}. */
  public static final int STATX_SIZE = 0x200;

  /** {@link Statx#blocks}. */
  public static final int STATX_BLOCKS = 0x400;

  /** All that stat(2) gives. */
  public static final int STATX_BASIC_STATS = 0x7ff;

  /** {@link Statx#created}. */
  public static final int STATX_BTIME = 0x800;

  /** All that {@link Statx} holds. */
  public static final int STATX_ALL = 0xfff;

  /** The bits of {@link Statx#mode} that are the type. */
  public static final int S_IFMT = 0xf000;

  /** The type of a pipe. */
  public static final int S_IFIFO = 0x1000;

  /** The type of a character device. */
  public static final int S_IFCHR = 0x2000;

  /** The type of a directory. */
  public static final int S_IFDIR = 0x4000;

  /** The type of a block device. */
  public static final int S_IFBLK = 0x6000;

  /** The type of a regular file. */
  public static final int S_IFREG = 0x8000;

  /** The type of a symbolic link. */
  public static final int S_IFLNK = 0xa000;

  /** The type of a socket. */
  public static final int S_IFSOCK = 0xc000;

  private FileFlags() {}
}
