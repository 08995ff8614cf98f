package dev.headrace.linux;

/**
 * The blocking system calls on files.
 *
 * <p>Each method gives the call's result, or minus the errno, such as {@code -}{@link
 * Errno#ENOENT}: a failed call throws nothing, and EINTR is not tried again. Counts may be short.
 * Flags are those of {@link FileFlags}; offsets, lengths and sizes are bytes.
 *
 * <p>Addresses are of native memory that the caller keeps alive and leaves alone until the method
 * returns; the kernel answers EFAULT to what is not mapped, and overwrites whatever is. A path is
 * the address of bytes that end with a zero; a relative one starts at the working directory.
 *
 * <p>Any thread may call any method; whoever does keeps the descriptors open meanwhile. The calling
 * thread waits for the device, and a virtual thread holds its carrier. Elsewhere than on Linux, and
 * where the C library lacks the function or the JVM denies native access, every method throws
 * {@link UnsupportedOperationException}.
 */
public final class FileCalls {
  private FileCalls() {}

  /**
   * Opens a file, making it with {@link FileFlags#O_CREAT}.
   *
   * @param path which
   * @param flags {@code O_} flags; {@link FileFlags#O_CLOEXEC} is not added
   * @param mode the permissions of what is made, less the umask; 0 where nothing is made
   * @return a descriptor that the caller closes; or minus the errno
   */
  public static int openat(long path, int flags, int mode) {
    return openat(FileFlags.AT_FDCWD, path, flags, mode);
  }

  /**
   * Opens a file by a path that starts at a directory, as {@link #openat(long, int, int)} does.
   *
   * @param dirfd an open directory, or {@link FileFlags#AT_FDCWD}
   * @param path which
   * @param flags {@code O_} flags
   * @param mode the permissions of what is made, less the umask; 0 where nothing is made
   * @return a descriptor that the caller closes; or minus the errno
   */
  public static int openat(int dirfd, long path, int flags, int mode) {
    Linux.require("openat");
    return PathDowncalls.openat(dirfd, path, flags, mode);
  }

  /**
   * Closes a descriptor.
   *
   * @param fd is free from now on, whatever the answer: never close it again
   * @return 0; or minus the errno, such as EIO or EDQUOT of an earlier write
   */
  public static int close(int fd) {
    Linux.require("close");
    return FileDowncalls.close(fd);
  }

  /**
   * Reads at an offset; the file's position stays.
   *
   * @param fd a file that is open to read
   * @param address where to
   * @param length how many bytes at most
   * @param offset where in the file
   * @return how many bytes, 0 at or beyond the end; or minus the errno
   */
  public static long pread(int fd, long address, long length, long offset) {
    Linux.require("pread");
    return FileDowncalls.pread(fd, address, length, offset);
  }

  /**
   * Writes at an offset; the file's position stays.
   *
   * @param fd a file that is open to write; with {@link FileFlags#O_APPEND} the offset is ignored
   * @param address where from
   * @param length how many bytes
   * @param offset where in the file
   * @return how many bytes were written; or minus the errno
   */
  public static long pwrite(int fd, long address, long length, long offset) {
    Linux.require("pwrite");
    return FileDowncalls.pwrite(fd, address, length, offset);
  }

  /**
   * Reads into several places.
   *
   * @param fd a file that is open to read
   * @param iovecs the address of an array of {@code struct iovec}: address and length, 8 bytes each
   * @param count how many of them, 1024 at most
   * @param offset where in the file; -1 is the file's position, which moves
   * @param flags {@code RWF_} flags; 0 for none
   * @return how many bytes, 0 at or beyond the end; or minus the errno: EAGAIN where {@link
   *     FileFlags#RWF_NOWAIT} would wait, EOPNOTSUPP where the file knows no such flag
   */
  public static long preadv2(int fd, long iovecs, int count, long offset, int flags) {
    Linux.require("preadv2");
    return FileDowncalls.preadv2(fd, iovecs, count, offset, flags);
  }

  /**
   * Writes from several places.
   *
   * @param fd a file that is open to write
   * @param iovecs the address of an array of {@code struct iovec}: address and length, 8 bytes each
   * @param count how many of them, 1024 at most
   * @param offset where in the file; -1 is the file's position, which moves
   * @param flags {@code RWF_} flags; 0 for none
   * @return how many bytes were written; or minus the errno, as of {@link #preadv2}
   */
  public static long pwritev2(int fd, long iovecs, int count, long offset, int flags) {
    Linux.require("pwritev2");
    return FileDowncalls.pwritev2(fd, iovecs, count, offset, flags);
  }

  /**
   * Waits until the file's data and metadata are on the device.
   *
   * @param fd an open file or directory
   * @return 0; or minus the errno; after EIO what was not written is lost, trying again does not
   *     bring it back
   */
  public static int fsync(int fd) {
    Linux.require("fsync");
    return FileDowncalls.fsync(fd);
  }

  /**
   * Waits until the file's data is on the device, with what is needed to read it back.
   *
   * @param fd an open file or directory
   * @return 0; or minus the errno, as of {@link #fsync}
   */
  public static int fdatasync(int fd) {
    Linux.require("fdatasync");
    return FileDowncalls.fdatasync(fd);
  }

  /**
   * Allots space, or gives it back.
   *
   * @param fd a file that is open to write
   * @param mode {@code FALLOC_FL_} flags; 0 allots and extends
   * @param offset where the range starts
   * @param length of the range, above 0
   * @return 0; or minus the errno, such as EOPNOTSUPP of a file system that cannot, or ENOSPC
   */
  public static int fallocate(int fd, int mode, long offset, long length) {
    Linux.require("fallocate");
    return FileDowncalls.fallocate(fd, mode, offset, length);
  }

  /**
   * Cuts or extends a file; what is added reads as zeros.
   *
   * @param fd a file that is open to write
   * @param length the new length
   * @return 0; or minus the errno
   */
  public static int ftruncate(int fd, long length) {
    Linux.require("ftruncate");
    return FileDowncalls.ftruncate(fd, length);
  }

  /**
   * Tells the kernel how a range will be used.
   *
   * @param fd an open file
   * @param offset where the range starts
   * @param length of the range; 0 is to the end of the file
   * @param advice one of {@code POSIX_FADV_}
   * @return 0; or minus the errno, such as ESPIPE of a pipe
   */
  public static int fadvise(int fd, long offset, long length, int advice) {
    Linux.require("posix_fadvise");
    return FileDowncalls.fadvise(fd, offset, length, advice);
  }

  /**
   * Asks what a file is; {@link Statx#read} decodes the answer.
   *
   * @param dirfd {@link FileFlags#AT_FDCWD}, a directory, or with {@link FileFlags#AT_EMPTY_PATH}
   *     the file
   * @param path which
   * @param flags {@code AT_} flags
   * @param mask what is asked for, {@code STATX_} bits
   * @param statx the address of {@link Statx#SIZE_BYTES} bytes that are written, at a multiple of 8
   * @return 0; or minus the errno
   */
  public static int statx(int dirfd, long path, int flags, int mask, long statx) {
    Linux.require("statx");
    return PathDowncalls.statx(dirfd, path, flags, mask, statx);
  }

  /**
   * Removes a name, and with the last name the file.
   *
   * @param path which
   * @param flags {@link FileFlags#AT_REMOVEDIR} removes an empty directory; 0 anything else
   * @return 0; or minus the errno, such as EISDIR or ENOTEMPTY
   */
  public static int unlinkat(long path, int flags) {
    return unlinkat(FileFlags.AT_FDCWD, path, flags);
  }

  /**
   * Removes a name by a path that starts at a directory, as {@link #unlinkat(long, int)} does.
   *
   * @param dirfd an open directory, or {@link FileFlags#AT_FDCWD}
   * @param path which
   * @param flags {@link FileFlags#AT_REMOVEDIR} removes an empty directory; 0 anything else
   * @return 0; or minus the errno
   */
  public static int unlinkat(int dirfd, long path, int flags) {
    Linux.require("unlinkat");
    return PathDowncalls.unlinkat(dirfd, path, flags);
  }

  /**
   * Reads names of a directory, from where the last call of this descriptor ended; {@link
   * DirectoryNames#read} decodes the answer.
   *
   * @param fd a directory that is open to read
   * @param address where to, at a multiple of 8
   * @param length how many bytes at most; 280 hold any one name
   * @return how many bytes, 0 at the end; or minus the errno: ENOENT of a directory that was
   *     removed
   */
  public static int getdents(int fd, long address, int length) {
    Linux.require("getdents64");
    return (int) NumberedCalls.syscall(FileAbi.NR_GETDENTS64, fd, address, length, 0);
  }

  /**
   * Renames at once.
   *
   * @param from the old name
   * @param to the new name, which is replaced
   * @param flags {@code RENAME_} flags; 0 for none
   * @return 0; or minus the errno, such as EXDEV across file systems
   */
  public static int renameat2(long from, long to, int flags) {
    Linux.require("renameat2");
    return PathDowncalls.renameat2(from, to, flags);
  }

  /**
   * Makes a directory.
   *
   * @param path which
   * @param mode the permissions of what is made, less the umask
   * @return 0; or minus the errno
   */
  public static int mkdirat(long path, int mode) {
    Linux.require("mkdirat");
    return PathDowncalls.mkdirat(path, mode);
  }

  /**
   * Gives a file another name.
   *
   * @param from its name
   * @param to the new name
   * @param flags {@link FileFlags#AT_SYMLINK_FOLLOW}; 0 links a symbolic link itself
   * @return 0; or minus the errno
   */
  public static int linkat(long from, long to, int flags) {
    Linux.require("linkat");
    return PathDowncalls.linkat(from, to, flags);
  }

  /**
   * Makes a symbolic link.
   *
   * @param target what it says, which need not exist
   * @param link where it is made
   * @return 0; or minus the errno
   */
  public static int symlinkat(long target, long link) {
    Linux.require("symlinkat");
    return PathDowncalls.symlinkat(target, link);
  }

  /**
   * Sets the permissions of a file by name; symbolic links are followed.
   *
   * @param path which
   * @param mode all twelve bits
   * @return 0; or minus the errno
   */
  public static int fchmodat(long path, int mode) {
    Linux.require("fchmodat");
    return PathDowncalls.fchmodat(path, mode);
  }

  /**
   * Sets the permissions of an open file.
   *
   * @param fd which
   * @param mode all twelve bits
   * @return 0; or minus the errno
   */
  public static int fchmod(int fd, int mode) {
    Linux.require("fchmod");
    return FileDowncalls.fchmod(fd, mode);
  }

  /**
   * Copies between files inside the kernel; neither position moves. A file system that can shares
   * the blocks instead.
   *
   * @param in a regular file that is open to read
   * @param inOffset where from
   * @param out a regular file that is open to write, without {@link FileFlags#O_APPEND}
   * @param outOffset where to
   * @param length how many bytes at most
   * @return how many bytes, 0 at or beyond the end; or minus the errno, such as EXDEV between file
   *     systems that do not
   */
  public static long copyFileRange(int in, long inOffset, int out, long outOffset, long length) {
    Linux.require("copy_file_range");
    return CopyDowncalls.copyFileRange(in, inOffset, out, outOffset, length);
  }

  /**
   * Moves pages to or from a pipe; at least one of the two descriptors is one.
   *
   * @param in where from
   * @param inOffset where in the file; -1 for a pipe, or for a file's position, which moves
   * @param out where to, at its position
   * @param length how many bytes at most
   * @param flags {@code SPLICE_F_} flags
   * @return how many bytes, 0 at the end of the input; or minus the errno: EAGAIN where {@link
   *     FileFlags#SPLICE_F_NONBLOCK}, or a descriptor that does not block, would wait
   */
  public static long splice(int in, long inOffset, int out, long length, int flags) {
    Linux.require("splice");
    return CopyDowncalls.splice(in, inOffset, out, length, flags);
  }

  /**
   * Sends a file; its position stays.
   *
   * @param socket a connected socket
   * @param file a file that is open to read and can be mapped
   * @param offset where in the file
   * @param length how many bytes at most
   * @return how many bytes, 0 at or beyond the end; or minus the errno, such as EAGAIN of a socket
   *     that does not block
   */
  public static long sendfile(int socket, int file, long offset, long length) {
    Linux.require("sendfile");
    return CopyDowncalls.sendfile(socket, file, offset, length);
  }

  /**
   * Sets how much a pipe holds.
   *
   * @param fd either end
   * @param sizeBytes at least; the kernel rounds up to a power of two of pages
   * @return what it holds now, in bytes; or minus the errno: EPERM above {@code fs.pipe-max-size},
   *     EBUSY where more than that is in it
   */
  public static int setPipeSize(int fd, int sizeBytes) {
    Linux.require("fcntl");
    return FileDowncalls.setPipeSize(fd, sizeBytes);
  }

  /**
   * Asks how much of a range is in the page cache, by cachestat(2) of Linux 6.5. Pages that the
   * range only touches count in full, as does the last of the file: the answer may exceed the
   * length.
   *
   * @param fd an open file
   * @param offset where the range starts
   * @param length of the range; 0 is to the end of the file
   * @return a multiple of the page size; or minus the errno: ENOSYS before Linux 6.5 or by seccomp,
   *     EPERM of a file that the caller neither owns nor may write, EOPNOTSUPP on hugetlbfs
   */
  public static long cachedBytes(int fd, long offset, long length) {
    Linux.require("cachestat");
    return NumberedCalls.cachedBytes(fd, offset, length);
  }

  /**
   * Whether reading a part of a file would wait for no device, as far as can be told: all its pages
   * are in the page cache (cachestat), and the last one, where the kernel may be reading ahead, is
   * there to be read.
   *
   * @param fd an open regular file
   * @param offset where in the file
   * @param length how many bytes, at least 1
   * @return false also where the kernel does not tell: before Linux 6.5, and of a file that is
   *     neither the user's nor writable
   */
  public static boolean isCached(int fd, long offset, long length) {
    Linux.require("cachestat");
    long page = Libc.getpagesize();
    long begin = offset / page * page;
    long end = Math.ceilDiv(offset + length, page) * page;
    return NumberedCalls.cachedBytes(fd, offset, length) >= end - begin
        && FileDowncalls.readsNow(fd, offset + length - 1);
  }
}
