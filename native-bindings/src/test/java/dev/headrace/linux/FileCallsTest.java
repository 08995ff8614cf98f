package dev.headrace.linux;

import static dev.headrace.linux.FileFlags.AT_EMPTY_PATH;
import static dev.headrace.linux.FileFlags.AT_FDCWD;
import static dev.headrace.linux.FileFlags.AT_REMOVEDIR;
import static dev.headrace.linux.FileFlags.AT_SYMLINK_FOLLOW;
import static dev.headrace.linux.FileFlags.AT_SYMLINK_NOFOLLOW;
import static dev.headrace.linux.FileFlags.O_CLOEXEC;
import static dev.headrace.linux.FileFlags.O_CREAT;
import static dev.headrace.linux.FileFlags.O_DIRECT;
import static dev.headrace.linux.FileFlags.O_DIRECTORY;
import static dev.headrace.linux.FileFlags.O_EXCL;
import static dev.headrace.linux.FileFlags.O_NOFOLLOW;
import static dev.headrace.linux.FileFlags.O_RDONLY;
import static dev.headrace.linux.FileFlags.O_RDWR;
import static dev.headrace.linux.FileFlags.O_TMPFILE;
import static dev.headrace.linux.FileFlags.O_WRONLY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCallsTest {
  private static final int NOBODYS = 1 << 30;

  @TempDir Path directory;
  private Arena arena;
  private final List<Integer> opened = new ArrayList<>();

  @BeforeEach
  void onLinux() {
    assumeTrue(Linux.isPresent(), "not Linux");
    arena = Arena.ofShared();
  }

  @AfterEach
  void closesAll() {
    opened.forEach(FileCalls::close);
    if (arena != null) {
      arena.close();
    }
  }

  @Test
  void whatIsWrittenAtAnOffsetIsReadThere() {
    int fd = open("a", O_RDWR | O_CREAT);
    long hello = bytes("hello");
    assertEquals(5, FileCalls.pwrite(fd, hello, 5, 3));
    MemorySegment target = arena.allocate(16);
    assertEquals(8, FileCalls.pread(fd, target.address(), 16, 0));
    assertEquals("\0\0\0hello", text(target, 8));
    assertEquals(0, FileCalls.pread(fd, target.address(), 16, 8));
    assertEquals(0, FileCalls.fsync(fd));
    assertEquals(0, FileCalls.fdatasync(fd));
  }

  @Test
  void severalPlacesAreWrittenAndReadInOrder() {
    int fd = open("a", O_RDWR | O_CREAT);
    long source = iovecs(bytes("ab"), 2, bytes("cde"), 3);
    assertEquals(5, FileCalls.pwritev2(fd, source, 2, 1, FileFlags.RWF_DSYNC));
    MemorySegment first = arena.allocate(4);
    MemorySegment second = arena.allocate(4);
    long target = iovecs(first.address(), 4, second.address(), 4);
    assertEquals(6, FileCalls.preadv2(fd, target, 2, 0, 0));
    assertEquals("\0abc", text(first, 4));
    assertEquals("de", text(second, 2));
    long now = FileCalls.preadv2(fd, target, 2, 0, FileFlags.RWF_NOWAIT);
    assertTrue(now == 6 || now == -Errno.EAGAIN || now == -Errno.EOPNOTSUPP, "" + now);
    assertEquals(-Errno.EOPNOTSUPP, FileCalls.preadv2(fd, target, 2, 0, 1 << 30));
  }

  @Test
  void failuresAreMinusTheErrno() {
    long some = bytes("some");
    assertEquals(-Errno.ENOENT, FileCalls.openat(path("absent"), O_RDONLY, 0));
    assertEquals(-Errno.EISDIR, FileCalls.openat(path(""), O_WRONLY, 0));
    assertEquals(-Errno.EBADF, FileCalls.close(NOBODYS));
    assertEquals(-Errno.EBADF, FileCalls.pread(NOBODYS, some, 4, 0));
    assertEquals(-Errno.EBADF, FileCalls.pwrite(NOBODYS, some, 4, 0));
    assertEquals(-Errno.EBADF, FileCalls.preadv2(NOBODYS, some, 0, 0, 0));
    assertEquals(-Errno.EBADF, FileCalls.pwritev2(NOBODYS, some, 0, 0, 0));
    assertEquals(-Errno.EBADF, FileCalls.fsync(NOBODYS));
    assertEquals(-Errno.EBADF, FileCalls.fdatasync(NOBODYS));
    assertEquals(-Errno.EBADF, FileCalls.fallocate(NOBODYS, 0, 0, 1));
    assertEquals(-Errno.EBADF, FileCalls.fadvise(NOBODYS, 0, 0, 0));
    assertEquals(-Errno.EBADF, FileCalls.fchmod(NOBODYS, 0600));
    assertEquals(-Errno.EBADF, FileCalls.copyFileRange(NOBODYS, 0, NOBODYS, 0, 1));
    assertEquals(-Errno.EBADF, FileCalls.splice(NOBODYS, -1, NOBODYS, 1, 0));
    assertEquals(-Errno.EBADF, FileCalls.sendfile(NOBODYS, NOBODYS, 0, 1));
    assertEquals(-Errno.EBADF, FileCalls.setPipeSize(NOBODYS, 4096));
    int fd = open("a", O_RDWR | O_CREAT);
    assertEquals(-Errno.EINVAL, FileCalls.pread(fd, some, 4, -1));
    assertEquals(-Errno.EINVAL, FileCalls.ftruncate(fd, -1));
    assertEquals(-Errno.EINVAL, FileCalls.fadvise(fd, 0, 0, 99));
    FileCalls.pwrite(fd, some, 4, 0);
    assertEquals(-Errno.EFAULT, FileCalls.pread(fd, 8, 4, 0));
    assertEquals(-Errno.EEXIST, FileCalls.openat(path("a"), O_RDWR | O_CREAT | O_EXCL, 0600));
    assertEquals(-Errno.ENOTDIR, FileCalls.openat(path("a"), O_RDONLY | O_DIRECTORY, 0));
    assertEquals(-Errno.EISDIR, FileCalls.unlinkat(path(""), 0));
  }

  @Test
  void aMisalignedReadPastThePageCacheIsInvalid() {
    FileCalls.pwrite(open("a", O_RDWR | O_CREAT), arena.allocate(8192).address(), 8192, 0);
    int fd = FileCalls.openat(path("a"), O_RDONLY | O_DIRECT, 0);
    assumeTrue(fd != -Errno.EINVAL, "this file system has no O_DIRECT");
    opened.add(fd);
    MemorySegment target = arena.allocate(8192, 4096);
    assertEquals(8192, FileCalls.pread(fd, target.address(), 8192, 0));
    // Some file systems, such as tmpfs, take it and read through the cache.
    long misaligned = FileCalls.pread(fd, target.address() + 1, 99, 1);
    assertTrue(misaligned == -Errno.EINVAL || misaligned == 99, "" + misaligned);
  }

  @Test
  void aFileIsLengthenedCutAndGivesItsSpaceBack() {
    int fd = open("a", O_RDWR | O_CREAT);
    assertEquals(0, FileCalls.ftruncate(fd, 100_000));
    assertEquals(100_000, stat(fd).sizeBytes());
    int allotted = FileCalls.fallocate(fd, 0, 0, 1 << 20);
    assumeTrue(allotted != -Errno.EOPNOTSUPP, "this file system allots nothing");
    assertEquals(0, allotted);
    Statx full = stat(fd);
    assertEquals(1 << 20, full.sizeBytes());
    assertTrue(full.blocks() * 512 >= 1 << 20, full::toString);
    int punch = FileFlags.FALLOC_FL_PUNCH_HOLE | FileFlags.FALLOC_FL_KEEP_SIZE;
    assertEquals(0, FileCalls.fallocate(fd, punch, 0, 1 << 19));
    assertEquals(1 << 20, stat(fd).sizeBytes());
    assertTrue(stat(fd).blocks() < full.blocks(), () -> full + " then " + stat(fd));
    assertEquals(0, FileCalls.fadvise(fd, 0, 0, FileFlags.POSIX_FADV_SEQUENTIAL));
  }

  @Test
  void statxTellsWhatJavaTells() throws Exception {
    Instant before = Instant.now().minus(Duration.ofSeconds(2));
    Path file = Files.write(directory.resolve("a"), new byte[1234]);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    MemorySegment answer = arena.allocate(Statx.SIZE_BYTES, 8);
    assertEquals(0, FileCalls.statx(AT_FDCWD, path("a"), 0, FileFlags.STATX_ALL, answer.address()));
    Statx statx = Statx.read(answer.address());
    var theirs = Files.readAttributes(file, "unix:*");
    assertEquals(FileFlags.S_IFREG | 0640, statx.mode());
    assertEquals(theirs.get("mode"), statx.mode());
    assertEquals(theirs.get("ino"), statx.inode());
    assertEquals(theirs.get("uid"), statx.uid());
    assertEquals(theirs.get("gid"), statx.gid());
    assertEquals(theirs.get("nlink"), statx.links());
    assertEquals(1234, statx.sizeBytes());
    assertEquals(Files.getLastModifiedTime(file).toInstant(), statx.modified());
    assertEquals(((FileTime) theirs.get("ctime")).toInstant(), statx.changed());
    assertTrue(statx.accessed().isAfter(before), statx::toString);
    assertTrue(statx.created() == null || statx.created().isAfter(before), statx::toString);
    assertTrue(statx.blockSize() >= 512, statx::toString);
    long device = (long) theirs.get("dev");
    assertEquals(device >>> 8 & 0xfff, statx.deviceMajor());
    assertEquals(device & 0xff | device >>> 12 & 0xfff00, statx.deviceMinor());
  }

  @Test
  void aFileSystemThatKnowsNoCreationGivesNone() {
    MemorySegment answer = arena.allocate(Statx.SIZE_BYTES, 8);
    answer.set(ValueLayout.JAVA_INT, FileAbi.STX_MASK, FileFlags.STATX_BASIC_STATS);
    answer.set(ValueLayout.JAVA_SHORT, FileAbi.STX_MODE, (short) (FileFlags.S_IFSOCK | 07777));
    Statx statx = Statx.read(answer.address());
    assertNull(statx.created());
    assertEquals(Instant.EPOCH, statx.modified());
    assertEquals(FileFlags.S_IFSOCK, statx.mode() & FileFlags.S_IFMT);
  }

  @Test
  void namesAreMadeMovedSwappedAndRemoved() throws Exception {
    assertEquals(0, FileCalls.mkdirat(path("d"), 0700));
    assertEquals(-Errno.EEXIST, FileCalls.mkdirat(path("d"), 0700));
    FileCalls.pwrite(open("d/a", O_WRONLY | O_CREAT), bytes("a"), 1, 0);
    FileCalls.pwrite(open("b", O_WRONLY | O_CREAT), bytes("bb"), 2, 0);
    assertEquals(-Errno.ENOTEMPTY, FileCalls.unlinkat(path("d"), AT_REMOVEDIR));
    assertEquals(
        -Errno.EEXIST, FileCalls.renameat2(path("d/a"), path("b"), FileFlags.RENAME_NOREPLACE));
    assertEquals(0, FileCalls.renameat2(path("d/a"), path("b"), FileFlags.RENAME_EXCHANGE));
    assertEquals("a", Files.readString(directory.resolve("b")));
    assertEquals(0, FileCalls.renameat2(path("d/a"), path("b"), 0));
    assertEquals("bb", Files.readString(directory.resolve("b")));
    assertEquals(0, FileCalls.unlinkat(path("d"), AT_REMOVEDIR));
    assertEquals(0, FileCalls.unlinkat(path("b"), 0));
    assertEquals(-Errno.ENOENT, FileCalls.unlinkat(path("b"), 0));
  }

  @Test
  void aDirectoryGivesItsNamesWithTheirTypesUntilTheEnd() throws Exception {
    Files.createFile(directory.resolve("file"));
    Files.createDirectory(directory.resolve("directory"));
    Files.createSymbolicLink(directory.resolve("link"), Path.of("nowhere"));
    int fd = open("", O_RDONLY | O_DIRECTORY);
    MemorySegment memory = arena.allocate(4096, 8);
    List<String> names = new ArrayList<>();
    for (int length; (length = FileCalls.getdents(fd, memory.address(), 280)) != 0; ) {
      assertTrue(length > 0, () -> "getdents gave an error");
      for (DirectoryNames.Name name : DirectoryNames.read(memory.address(), length)) {
        names.add(new String(name.bytes(), StandardCharsets.US_ASCII) + ' ' + name.type());
      }
    }
    names.sort(null);
    assertEquals(
        List.of(
            "directory " + FileFlags.S_IFDIR,
            "file " + FileFlags.S_IFREG,
            "link " + FileFlags.S_IFLNK),
        names);
    MemorySegment name = arena.allocateFrom("file");
    int file = FileCalls.openat(fd, name.address(), O_RDONLY, 0);
    opened.add(file);
    assertTrue(file > 0);
    assertEquals(-Errno.ENOTDIR, FileCalls.getdents(file, memory.address(), 280));
    assertEquals(0, FileCalls.unlinkat(fd, name.address(), 0));
    assertEquals(-Errno.ENOENT, FileCalls.unlinkat(fd, name.address(), 0));
  }

  @Test
  void linksAreMadeAndNotFollowedUnlessAsked() throws Exception {
    int fd = open("a", O_RDWR | O_CREAT);
    assertEquals(0, FileCalls.linkat(path("a"), path("hard"), 0));
    assertEquals(2, stat(fd).links());
    assertEquals(0, FileCalls.symlinkat(bytes("a"), path("soft")));
    assertEquals(Path.of("a"), Files.readSymbolicLink(directory.resolve("soft")));
    assertEquals(0, FileCalls.linkat(path("soft"), path("followed"), AT_SYMLINK_FOLLOW));
    assertEquals(3, stat(fd).links());
    assertEquals(-Errno.ELOOP, FileCalls.openat(path("soft"), O_RDONLY | O_NOFOLLOW, 0));
    MemorySegment answer = arena.allocate(Statx.SIZE_BYTES, 8);
    int type = FileFlags.STATX_TYPE;
    assertEquals(
        0, FileCalls.statx(AT_FDCWD, path("soft"), AT_SYMLINK_NOFOLLOW, type, answer.address()));
    assertEquals(FileFlags.S_IFLNK, Statx.read(answer.address()).mode() & FileFlags.S_IFMT);
  }

  @Test
  void permissionsAreSetByNameAndByDescriptor() {
    int fd = open("a", O_RDWR | O_CREAT);
    assertEquals(0600, stat(fd).mode() & 07777);
    assertEquals(0, FileCalls.fchmod(fd, 0640));
    assertEquals(0640, stat(fd).mode() & 07777);
    assertEquals(0, FileCalls.fchmodat(path("a"), 0400));
    assertEquals(0400, stat(fd).mode() & 07777);
  }

  @Test
  void aFileWithoutANameIsMadeInADirectory() {
    int fd = FileCalls.openat(path(""), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
    assumeTrue(fd != -Errno.EOPNOTSUPP, "this file system has no O_TMPFILE");
    opened.add(fd);
    assertEquals(0, stat(fd).links());
  }

  @Test
  void aRangeIsCopiedAtItsOffsets() {
    int in = open("in", O_RDWR | O_CREAT);
    int out = open("out", O_RDWR | O_CREAT);
    FileCalls.pwrite(in, bytes("0123456789"), 10, 0);
    assertEquals(4, FileCalls.copyFileRange(in, 3, out, 2, 4));
    MemorySegment target = arena.allocate(16);
    assertEquals(6, FileCalls.pread(out, target.address(), 16, 0));
    assertEquals("\0\0" + "3456", text(target, 6));
    assertEquals(0, FileCalls.copyFileRange(in, 10, out, 0, 4));
  }

  @Test
  void aFileIsSplicedThroughTwoPipes() throws Exception {
    byte[] content = new byte[20_000];
    new Random(1).nextBytes(content);
    Files.write(directory.resolve("a"), content);
    int file = open("a", O_RDONLY);
    Descriptors.Pair first = pipe();
    Descriptors.Pair second = pipe();
    int flags = FileFlags.SPLICE_F_MOVE | FileFlags.SPLICE_F_NONBLOCK;
    assertEquals(-Errno.EAGAIN, FileCalls.splice(first.first(), -1, second.second(), 1, flags));
    ByteBuffer arrived = ByteBuffer.allocateDirect(content.length);
    while (arrived.hasRemaining()) {
      long offset = arrived.position();
      long read = FileCalls.splice(file, offset, first.second(), 1 << 20, flags);
      assertTrue(read > 0, "splice gives " + read);
      assertEquals(read, FileCalls.splice(first.first(), -1, second.second(), read, flags));
      while (arrived.position() < offset + read) {
        assertTrue(Descriptors.read(second.first(), arrived) > 0);
      }
    }
    assertEquals(0, FileCalls.splice(file, content.length, first.second(), 1, flags));
    byte[] bytes = new byte[content.length];
    arrived.flip().get(bytes);
    assertArrayEquals(content, bytes);
  }

  @Test
  void aFileWithoutAnOffsetIsSplicedFromItsPosition() {
    int file = open("a", O_RDWR | O_CREAT);
    FileCalls.pwrite(file, bytes("abcd"), 4, 0);
    Descriptors.Pair pipe = pipe();
    assertEquals(3, FileCalls.splice(file, -1, pipe.second(), 3, 0));
    assertEquals(1, FileCalls.splice(file, -1, pipe.second(), 3, 0));
    assertEquals(0, FileCalls.splice(file, -1, pipe.second(), 3, 0));
    assertEquals(-Errno.ESPIPE, FileCalls.splice(pipe.first(), 0, file, 1, 0));
  }

  @Test
  void aFileIsSentFromAnOffset() throws Exception {
    int file = open("a", O_RDWR | O_CREAT);
    FileCalls.pwrite(file, bytes("0123456789"), 10, 0);
    Descriptors.Pair sockets = Sockets.unixPair(false);
    opened.add(sockets.first());
    opened.add(sockets.second());
    assertEquals(6, FileCalls.sendfile(sockets.first(), file, 4, 100));
    assertEquals(0, FileCalls.sendfile(sockets.first(), file, 10, 100));
    ByteBuffer target = ByteBuffer.allocateDirect(16);
    assertEquals(6, Descriptors.read(sockets.second(), target));
    assertEquals('4', target.get(0));
  }

  @Test
  void aPipeHoldsAtLeastWhatIsAskedFor() {
    Descriptors.Pair pipe = pipe();
    int sizeBytes = FileCalls.setPipeSize(pipe.first(), 200_000);
    assumeTrue(sizeBytes != -Errno.EPERM, "this user's pipes are at their limit");
    assertEquals(262_144, sizeBytes);
    MemorySegment target = arena.allocate(1 << 20);
    assertEquals(-Errno.EBADF, FileCalls.setPipeSize(-1, 4096));
    assertEquals(-Errno.ESPIPE, FileCalls.pread(pipe.first(), target.address(), 1, 0));
  }

  @Test
  void whatWasJustWrittenIsInThePageCacheInWholePages() {
    int fd = open("a", O_RDWR | O_CREAT);
    long page = Linux.pageSizeBytes();
    long length = 4 * page + 1;
    MemorySegment content = arena.allocate(length);
    assertEquals(length, FileCalls.pwrite(fd, content.address(), length, 0));
    long cached = FileCalls.cachedBytes(fd, 0, length);
    assumeTrue(
        cached != -Errno.ENOSYS && cached != -Errno.EPERM,
        "cachestat is refused, or this is older than Linux 6.5");
    assertEquals(5 * page, cached);
    assertEquals(5 * page, FileCalls.cachedBytes(fd, 0, 0));
    assertEquals(2 * page, FileCalls.cachedBytes(fd, page - 1, 2));
    assertEquals(0, FileCalls.cachedBytes(fd, 8 * page, page));
    assertEquals(-Errno.EBADF, FileCalls.cachedBytes(NOBODYS, 0, 1));
    assertTrue(FileCalls.isCached(fd, 0, length));
    assertTrue(FileCalls.isCached(fd, page - 1, 2));
    assertFalse(FileCalls.isCached(fd, 4 * page, 2 * page));
    assertFalse(FileCalls.isCached(NOBODYS, 0, 1));
  }

  @Test
  void everyThreadGetsTheErrorOfItsOwnCall() throws Exception {
    long some = bytes("some");
    long absent = path("absent");
    List<Future<Boolean>> answers = new ArrayList<>();
    try (var virtual = Executors.newVirtualThreadPerTaskExecutor();
        var platform = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 400; i++) {
        answers.add((i % 2 == 0 ? virtual : platform).submit(() -> failsTwice(some, absent)));
      }
    }
    for (Future<Boolean> answer : answers) {
      assertTrue(answer.get());
    }
  }

  private static boolean failsTwice(long some, long absent) {
    return FileCalls.pread(NOBODYS, some, 1, 0) == -Errno.EBADF
        && FileCalls.openat(absent, O_RDONLY, 0) == -Errno.ENOENT;
  }

  private int open(String name, int flags) {
    int fd = FileCalls.openat(path(name), flags | O_CLOEXEC, 0600);
    assertTrue(fd >= 0, () -> name + ": " + Errno.of(-fd));
    opened.add(fd);
    return fd;
  }

  private Descriptors.Pair pipe() {
    try {
      Descriptors.Pair pipe = Descriptors.pipe();
      opened.add(pipe.first());
      opened.add(pipe.second());
      return pipe;
    } catch (LinuxException e) {
      throw new AssertionError(e);
    }
  }

  private Statx stat(int fd) {
    MemorySegment answer = arena.allocate(Statx.SIZE_BYTES, 8);
    int mask = FileFlags.STATX_BASIC_STATS;
    assertEquals(0, FileCalls.statx(fd, bytes(""), AT_EMPTY_PATH, mask, answer.address()));
    return Statx.read(answer.address());
  }

  private long path(String name) {
    return bytes(directory.resolve(name).toString());
  }

  /** The text's bytes and a zero. */
  private long bytes(String text) {
    return arena.allocateFrom(text).address();
  }

  private long iovecs(long... addressesAndLengths) {
    return arena.allocateFrom(ValueLayout.JAVA_LONG, addressesAndLengths).address();
  }

  private static String text(MemorySegment bytes, int length) {
    byte[] copy = bytes.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    return new String(copy, StandardCharsets.ISO_8859_1);
  }
}
