package dev.headrace.file;

import dev.headrace.linux.FileFlags;

/**
 * How a file is opened. Immutable: start from one of the static methods, and add what must differ.
 */
public final class OpenOptions {
  private static final int DEFAULT_MODE = 0666;
  private static final int MOST_MODE = 07777;

  private final boolean reads;
  private final boolean writes;
  private final int flags;
  private final int mode;

  private OpenOptions(boolean reads, boolean writes, int flags, int mode) {
    this.reads = reads;
    this.writes = writes;
    this.flags = flags;
    this.mode = mode;
  }

  /** To read a file that exists. */
  public static OpenOptions reading() {
    return new OpenOptions(true, false, 0, DEFAULT_MODE);
  }

  /** To write over a file that exists; what is not written over stays. */
  public static OpenOptions writing() {
    return new OpenOptions(false, true, 0, DEFAULT_MODE);
  }

  /** To read and write a file that exists. */
  public static OpenOptions readingAndWriting() {
    return new OpenOptions(true, true, 0, DEFAULT_MODE);
  }

  /** To write a file from its start: it is made, or emptied if it exists. */
  public static OpenOptions creating() {
    return writing().create().truncate();
  }

  /** To write at the end of a file, wherever that is by then; it is made if need be. */
  public static OpenOptions appending() {
    return writing().append().create();
  }

  /** Also to read. */
  public OpenOptions read() {
    return new OpenOptions(true, writes, flags, mode);
  }

  /** Also to write. */
  public OpenOptions write() {
    return new OpenOptions(reads, true, flags, mode);
  }

  /** Every write goes to the end of the file, as one step with finding it: implies to write. */
  public OpenOptions append() {
    return new OpenOptions(reads, true, flags | FileFlags.O_APPEND, mode);
  }

  /** Empties the file; it must be opened to write. */
  public OpenOptions truncate() {
    return flags(FileFlags.O_TRUNC);
  }

  /** Makes the file if there is none; it must be opened to write. */
  public OpenOptions create() {
    return flags(FileFlags.O_CREAT);
  }

  /** Makes the file, and fails if there is one, also a symbolic link; as one step. */
  public OpenOptions createNew() {
    return flags(FileFlags.O_CREAT | FileFlags.O_EXCL);
  }

  /**
   * The permissions of a file that is made.
   *
   * @param bits such as 0640, from which the process's umask is taken; 0666 if this is not called
   */
  public OpenOptions mode(int bits) {
    if (bits < 0 || bits > MOST_MODE) {
      throw new IllegalArgumentException(
          "the mode is 0" + Integer.toOctalString(bits) + ": it must be 0 to 07777");
    }
    return new OpenOptions(reads, writes, flags, bits);
  }

  /**
   * Past the page cache (O_DIRECT): memory, position and length must be multiples of the file
   * system's block, which the pool's buffers are made for.
   */
  public OpenOptions direct() {
    return flags(FileFlags.O_DIRECT);
  }

  /** A write is done when its bytes, and what is needed to read them, are on the device. */
  public OpenOptions dataSync() {
    return flags(FileFlags.O_DSYNC);
  }

  /** A write is done when its bytes and all metadata are on the device. */
  public OpenOptions sync() {
    return flags(FileFlags.O_SYNC);
  }

  /** Fails with ELOOP if the path's last name is a symbolic link. */
  public OpenOptions noFollow() {
    return flags(FileFlags.O_NOFOLLOW);
  }

  /**
   * Any other flags of open(2).
   *
   * @param more {@code O_…}, of {@link FileFlags}; not the access mode
   */
  public OpenOptions flags(int more) {
    if ((more & (FileFlags.O_WRONLY | FileFlags.O_RDWR)) != 0) {
      throw new IllegalArgumentException(
          "the flags 0x"
              + Integer.toHexString(more)
              + " hold an access mode: use reading, writing or readingAndWriting");
    }
    return new OpenOptions(reads, writes, flags | more, mode);
  }

  /** Whether it can be read. */
  public boolean reads() {
    return reads;
  }

  /** Whether it can be written. */
  public boolean writes() {
    return writes;
  }

  /** Whether writes go to its end. */
  public boolean appends() {
    return has(FileFlags.O_APPEND);
  }

  /** Whether it goes past the page cache. */
  public boolean isDirect() {
    return has(FileFlags.O_DIRECT);
  }

  private boolean has(int flag) {
    return (flags & flag) == flag;
  }

  int mode() {
    return has(FileFlags.O_CREAT) || has(FileFlags.O_TMPFILE) ? mode : 0;
  }

  /** For open(2). */
  int openFlags() {
    if (!writes && (has(FileFlags.O_TRUNC) || has(FileFlags.O_CREAT))) {
      throw new IllegalArgumentException(
          "a file that is only read can be neither made nor emptied: add write(), or leave out"
              + " create() and truncate()");
    }
    if (has(FileFlags.O_APPEND) && has(FileFlags.O_TRUNC)) {
      throw new IllegalArgumentException(
          "append() and truncate() exclude each other: take one, or set the length by hand");
    }
    int access =
        reads && writes ? FileFlags.O_RDWR : writes ? FileFlags.O_WRONLY : FileFlags.O_RDONLY;
    return access | flags | FileFlags.O_CLOEXEC;
  }
}
