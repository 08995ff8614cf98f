package dev.headrace.file;

import dev.headrace.internal.ring.CPath;
import dev.headrace.internal.ring.CopyRequest;
import dev.headrace.internal.ring.FileFailures;
import dev.headrace.internal.ring.FileRequests;
import dev.headrace.internal.ring.LoopFiles;
import dev.headrace.internal.ring.Memory;
import dev.headrace.internal.ring.OpenFile;
import dev.headrace.internal.ring.OpenRequest;
import dev.headrace.internal.ring.PathRequests;
import dev.headrace.internal.ring.StatRequest;
import dev.headrace.internal.ring.Transfer;
import dev.headrace.linux.Errno;
import dev.headrace.linux.FileFlags;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;

/** Copies a file: within the kernel where that can, else by reading and writing. */
final class FileCopy {
  private static final int CHUNK_BYTES = 128 << 10;
  private static final int PERMISSIONS = 0777;

  private final LoopFiles files;
  private final Path from;
  private final Path to;
  private final boolean replaces;
  private long count;

  FileCopy(LoopFiles files, Path from, Path to, boolean replaces) {
    this.files = files;
    this.from = from;
    this.to = to;
    this.replaces = replaces;
  }

  /** How many bytes were copied. */
  long run() throws IOException {
    // Before it is opened: opening a pipe would wait for whoever writes to it.
    FileStat stat = FileStat.of(Asking.ask(files, PathRequests.metadata(from, true)));
    if (!stat.isRegular()) {
      throw failure(stat.isDirectory() ? Errno.EISDIR : Errno.EINVAL);
    }
    OpenFile source = open(from, FileFlags.O_RDONLY, 0);
    try {
      if (!source.use()) { // so that closing the engine leaves its number alone meanwhile
        throw new ClosedChannelException();
      }
      try {
        copyFrom(source);
      } finally {
        source.free();
      }
      return count;
    } finally {
      Closing.await(source.close());
    }
  }

  private void copyFrom(OpenFile source) throws IOException {
    FileStat stat = stat(source);
    int mode = stat.mode() & PERMISSIONS;
    try {
      OpenFile made = open(to, FileFlags.O_WRONLY | FileFlags.O_CREAT | FileFlags.O_EXCL, mode);
      try {
        try {
          Asking.ask(files, made, FileRequests.setMode(made, mode)); // also what the umask took
          copy(source, made);
        } finally {
          Closing.await(made.close());
        }
      } catch (Throwable e) {
        Asking.removeHalfOf(files, to, e);
        throw e;
      }
    } catch (FileAlreadyExistsException e) {
      if (!replaces) {
        throw failure(Errno.EEXIST);
      }
      replace(source, stat);
    }
  }

  private void replace(OpenFile source, FileStat stat) throws IOException {
    OpenFile target = open(to, FileFlags.O_WRONLY | FileFlags.O_CREAT, stat.mode() & PERMISSIONS);
    try {
      FileStat replaced = stat(target);
      if (replaced.inode() == stat.inode() && replaced.device() == stat.device()) {
        throw new java.nio.file.FileSystemException(
            from.toString(), to.toString(), "copy: both are the same file, and stay as they are");
      }
      if (replaced.isRegular()) {
        Asking.ask(files, target, FileRequests.setLength(target, 0));
      }
      copy(source, target);
    } finally {
      Closing.await(target.close());
    }
  }

  private void copy(OpenFile source, OpenFile target) throws IOException {
    try {
      for (long more = 1; more > 0; count += more) {
        more = Asking.askToTheEnd(files, target, new CopyRequest(source, target, count));
      }
      // The kernel cannot, or says that it is the end: files of /proc have no size until read.
      readAndWrite(source, target);
    } catch (InterruptedIOException e) {
      e.bytesTransferred = (int) Math.min(Integer.MAX_VALUE, count);
      throw e;
    }
  }

  private void readAndWrite(OpenFile source, OpenFile target) throws IOException {
    ByteBuf chunk = ByteBufAllocator.DEFAULT.directBuffer(CHUNK_BYTES, CHUNK_BYTES);
    try {
      while (read(source, chunk.clear()) > 0) {
        Memory bytes = Memory.source(chunk);
        count += Asking.ask(files, target, new Transfer(true, target, bytes, count));
      }
    } finally {
      chunk.release();
    }
  }

  private int read(OpenFile source, ByteBuf chunk) throws IOException {
    return Asking.ask(files, source, new Transfer(false, source, Memory.target(chunk), count));
  }

  private OpenFile open(Path path, int flags, int mode) throws IOException {
    int all = flags | FileFlags.O_CLOEXEC;
    return Asking.ask(files, new OpenRequest(files.engine(), CPath.of(path), all, mode));
  }

  private FileStat stat(OpenFile file) throws IOException {
    return FileStat.of(Asking.ask(files, file, StatRequest.of(file)));
  }

  private IOException failure(int errno) {
    return FileFailures.of("copy", from.toString(), to.toString(), -errno);
  }
}
