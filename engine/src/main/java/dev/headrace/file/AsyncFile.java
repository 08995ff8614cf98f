package dev.headrace.file;

import dev.headrace.Engine;
import dev.headrace.FileBackend;
import dev.headrace.internal.loop.LoopGroup;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.internal.ring.CPath;
import dev.headrace.internal.ring.Cursor;
import dev.headrace.internal.ring.EngineFiles;
import dev.headrace.internal.ring.FileRequests;
import dev.headrace.internal.ring.LoopFiles;
import dev.headrace.internal.ring.Memory;
import dev.headrace.internal.ring.OpenFile;
import dev.headrace.internal.ring.OpenRequest;
import dev.headrace.internal.ring.Operation;
import dev.headrace.internal.ring.Request;
import dev.headrace.internal.ring.StatRequest;
import dev.headrace.internal.ring.Transfer;
import dev.headrace.internal.ring.VectoredTransfer;
import dev.headrace.io.ByteStream;
import dev.headrace.linux.Linux;
import io.netty.buffer.ByteBuf;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file. On io_uring each operation is a submission on the ring of the caller's loop, beside
 * its sockets, and no thread waits; elsewhere a pool of threads does it, and {@link #backend} says
 * so.
 *
 * <p>Operations at a position may be as many at once as one likes, from any thread, in any order;
 * two that overlap in the file see each other's bytes in part, as pread(2) and pwrite(2) do. Those
 * at the cursor are one at a time. A read fills its buffer unless the file ends; a write writes all
 * of it: what the kernel does in part is asked again for the rest.
 *
 * <p>A file opened to append writes at its end, wherever that is: a position is refused there, and
 * any number of appends may be in flight; each of them is whole, unless the device fills up, and
 * they come in any order.
 *
 * <p>A blocking form that is interrupted throws {@link java.io.InterruptedIOException} with the
 * interrupt status cleared, once the kernel has let go of the memory; if the operation was done by
 * then it returns, and the status stays set. An {@code …Async} form completes on the loop; one that
 * is refused at once, since the file or the engine is closed, on the caller's thread. Until it does
 * a {@code ByteBuffer} is the kernel's, also after it was cancelled: {@code cancel} then gives
 * false, and the future is done in a moment. Of a {@code ByteBuf} the operation holds a reference
 * until the kernel is done, so that cancelling completes the future at once and the buffer may be
 * released.
 */
public final class AsyncFile implements ByteStream, SeekableByteChannel {
  private final Engine engine;
  private final EngineFiles files;
  private final LoopFiles home;
  private final Path path;
  private final OpenOptions options;
  private final OpenFile open;
  private final AtomicInteger handles; // of all duplicates
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Cursor cursor = new Cursor();
  private final ReadAhead ahead = new ReadAhead(); // whoever has entered the cursor's

  private AsyncFile(
      Engine engine,
      LoopFiles home,
      Path path,
      OpenOptions options,
      OpenFile open,
      AtomicInteger handles) {
    this.engine = engine;
    this.files = home.engine();
    this.home = home;
    this.path = path;
    this.options = options;
    this.open = open;
    this.handles = handles;
  }

  /**
   * Opens a file; blocks the calling task.
   *
   * @param engine whose loops work on it; closing the engine closes it
   * @param path of the host's own file system
   * @param options how
   * @return the file, the caller's to close
   * @throws java.nio.file.FileSystemException when it cannot be opened: of the JDK's type for the
   *     cause, such as {@link java.nio.file.NoSuchFileException}; the message names the remedy
   * @throws IllegalArgumentException when the options contradict each other
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static AsyncFile open(Engine engine, Path path, OpenOptions options) throws IOException {
    LoopThread.refuse("open");
    LoopFiles home = home(engine);
    OpenFile open = opening(home, path, options).await();
    return new AsyncFile(engine, home, path, options, open, new AtomicInteger(1));
  }

  /**
   * Opens a file.
   *
   * @param engine whose loops work on it; closing the engine closes it
   * @param path of the host's own file system
   * @param options how
   * @return the file; a file that is opened although this was cancelled is closed
   */
  public static CompletableFuture<AsyncFile> openAsync(
      Engine engine, Path path, OpenOptions options) {
    LoopFiles home = home(engine);
    Operation<OpenFile> opening = opening(home, path, options);
    CompletableFuture<AsyncFile> opened = new CompletableFuture<>();
    opened.whenComplete((file, failure) -> opening.cancel(false));
    opening
        .start()
        .whenComplete(
            (open, failure) -> {
              if (failure != null) {
                opened.completeExceptionally(failure);
              } else if (!opened.complete(
                  new AsyncFile(engine, home, path, options, open, new AtomicInteger(1)))) {
                open.close();
              }
            });
    return opened;
  }

  static LoopFiles home(Engine engine) {
    if (!Linux.isPresent()) {
      throw new UnsupportedOperationException(
          "files need Linux: use java.nio.file with engine.blocking elsewhere");
    }
    return ((LoopGroup) engine.loops()).files().currentOrNext();
  }

  private static Operation<OpenFile> opening(LoopFiles home, Path path, OpenOptions options) {
    int flags = options.openFlags();
    return new Operation<>(
        home, null, new OpenRequest(home.engine(), CPath.of(path), flags, options.mode()), true);
  }

  /**
   * Another handle of the same open file, with a cursor of its own, at the start. The file is
   * closed with the last of its handles.
   *
   * @return the handle, the caller's to close
   * @throws ClosedChannelException when this handle is closed
   */
  public AsyncFile duplicate() throws ClosedChannelException {
    int now;
    do {
      now = handles.get();
      if (now == 0 || closed.get()) {
        throw new ClosedChannelException();
      }
    } while (!handles.compareAndSet(now, now + 1));
    return new AsyncFile(engine, home, path, options, open, handles);
  }

  /** What it was opened as. */
  public Path path() {
    return path;
  }

  /** How it was opened. */
  public OpenOptions options() {
    return options;
  }

  /** How its operations are done, but for those that this kernel's ring lacks. */
  public FileBackend backend() {
    return files.backend();
  }

  /** The engine whose loops work on it. */
  public Engine engine() {
    return engine;
  }

  // ---- at a position ----

  /**
   * Reads.
   *
   * @param target is filled from its position on; a direct one without a copy
   * @param position in the file, at least 0
   * @return how many bytes: fewer than there is room for only at the end; -1 when there are none
   * @throws IOException when it fails; what was read before that is given first
   */
  public int read(ByteBuffer target, long position) throws IOException {
    return reading(Memory.target(target), position).await();
  }

  /**
   * Reads.
   *
   * @param target its writable bytes are filled, and its writer index moved
   * @param position in the file, at least 0
   * @return how many bytes: fewer than there is room for only at the end; -1 when there are none
   * @throws IOException when it fails
   */
  public int read(ByteBuf target, long position) throws IOException {
    return reading(Memory.target(target), position).await();
  }

  /**
   * Reads into several buffers, in their order, as one operation.
   *
   * @param targets 1 to 1,024
   * @param position in the file, at least 0
   * @return how many bytes; -1 when there are none
   * @throws IOException when it fails
   */
  public long read(ByteBuffer[] targets, long position) throws IOException {
    return vectored(false, targets, position).await();
  }

  /**
   * Fills the target.
   *
   * @param target from its position to its limit
   * @param position in the file, at least 0
   * @throws EOFException when the file ends before; the target's position says how much was read
   * @throws IOException when it fails
   */
  public void readFully(ByteBuffer target, long position) throws IOException {
    long from = position;
    while (target.hasRemaining()) { // an error after some bytes shows when the rest is read
      int count = read(target, from);
      if (count < 0 || target.hasRemaining() && options.isDirect()) {
        throw new EOFException(
            path + " ends " + target.remaining() + " bytes before the end of what was to be read");
      }
      from += count;
    }
  }

  /**
   * Writes all of it.
   *
   * @param source from its position to its limit; when this throws its position says how much was
   *     written
   * @param position in the file, at least 0; past its end leaves a hole
   * @return how many bytes: all that there were
   * @throws IOException when it fails
   * @throws IllegalStateException when the file is opened to append
   */
  public int write(ByteBuffer source, long position) throws IOException {
    return writing(Memory.source(source), position).await();
  }

  /**
   * Writes all of it.
   *
   * @param source its readable bytes; its reader index is moved, and it stays the caller's
   * @param position in the file, at least 0
   * @return how many bytes: all that there were
   * @throws IOException when it fails
   */
  public int write(ByteBuf source, long position) throws IOException {
    return writing(Memory.source(source), position).await();
  }

  /**
   * Writes several buffers, in their order, as one operation.
   *
   * @param sources 1 to 1,024
   * @param position in the file, at least 0
   * @return how many bytes: all that there were
   * @throws IOException when it fails; the buffers' positions say how much was written
   */
  public long write(ByteBuffer[] sources, long position) throws IOException {
    return vectored(true, sources, position).await();
  }

  /**
   * Writes all of it, as {@link #write(ByteBuffer, long)} does.
   *
   * @param source from its position to its limit
   * @param position in the file, at least 0
   * @throws IOException when it fails
   */
  public void writeFully(ByteBuffer source, long position) throws IOException {
    write(source, position);
  }

  /**
   * Reads, as {@link #read(ByteBuffer, long)} does.
   *
   * @return how many bytes
   */
  public CompletableFuture<Integer> readAsync(ByteBuffer target, long position) {
    return reading(Memory.target(target), position).start();
  }

  /**
   * Reads, as {@link #read(ByteBuf, long)} does.
   *
   * @return how many bytes
   */
  public CompletableFuture<Integer> readAsync(ByteBuf target, long position) {
    return reading(Memory.target(target), position).start();
  }

  /**
   * Writes, as {@link #write(ByteBuffer, long)} does.
   *
   * @return how many bytes
   */
  public CompletableFuture<Integer> writeAsync(ByteBuffer source, long position) {
    return writing(Memory.source(source), position).start();
  }

  /**
   * Writes, as {@link #write(ByteBuf, long)} does.
   *
   * @return how many bytes
   */
  public CompletableFuture<Integer> writeAsync(ByteBuf source, long position) {
    return writing(Memory.source(source), position).start();
  }

  /**
   * Reads, as {@link #read(ByteBuffer[], long)} does.
   *
   * @return how many bytes
   */
  public CompletableFuture<Long> readAsync(ByteBuffer[] targets, long position) {
    return vectored(false, targets, position).start();
  }

  /**
   * Writes, as {@link #write(ByteBuffer[], long)} does.
   *
   * @return how many bytes
   */
  public CompletableFuture<Long> writeAsync(ByteBuffer[] sources, long position) {
    return vectored(true, sources, position).start();
  }

  /**
   * Reads, as {@link #read(ByteBuf, long)} does: the form that costs least.
   *
   * @param target its writable bytes
   * @param position in the file, at least 0
   * @param attachment is given to the handler
   * @param handler is called on the loop
   */
  public <A> void read(
      ByteBuf target,
      long position,
      A attachment,
      CompletionHandler<? super Integer, ? super A> handler) {
    reading(Memory.target(target), position).start(attachment, handler);
  }

  /**
   * Writes, as {@link #write(ByteBuf, long)} does: the form that costs least.
   *
   * @param source its readable bytes
   * @param position in the file, at least 0
   * @param attachment is given to the handler
   * @param handler is called on the loop
   */
  public <A> void write(
      ByteBuf source,
      long position,
      A attachment,
      CompletionHandler<? super Integer, ? super A> handler) {
    writing(Memory.source(source), position).start(attachment, handler);
  }

  private Operation<Integer> reading(Memory target, long position) {
    return transfer(false, target, position);
  }

  private Operation<Integer> writing(Memory source, long position) {
    refuseAppending(source, position);
    return transfer(true, source, position);
  }

  private void refuseAppending(Memory source, long position) {
    if (options.appends()) {
      source.release();
      throw new IllegalStateException(
          path
              + " is opened to append, which would ignore the position "
              + position
              + ": use append, or open it with writing()");
    }
  }

  private Operation<Integer> transfer(boolean isWrite, Memory memory, long position) {
    try {
      check(isWrite, position);
    } catch (RuntimeException e) {
      memory.release();
      throw e;
    }
    return operation(new Transfer(isWrite, open, memory, position), memory.isOwned());
  }

  private Operation<Long> vectored(boolean isWrite, ByteBuffer[] buffers, long position) {
    if (buffers.length < 1 || buffers.length > VectoredTransfer.MOST_PIECES) {
      throw new IllegalArgumentException(
          buffers.length + " buffers: they must be 1 to " + VectoredTransfer.MOST_PIECES);
    }
    check(isWrite, position);
    if (isWrite && options.appends()) {
      refuseAppending(Memory.source(ByteBuffer.allocateDirect(0)), position);
    }
    VectoredTransfer transfer =
        new VectoredTransfer(isWrite, open, pieces(isWrite, buffers), position);
    return operation(transfer, transfer.ownsMemory());
  }

  private static List<Memory> pieces(boolean isWrite, ByteBuffer[] buffers) {
    List<Memory> pieces = new ArrayList<>(buffers.length);
    try {
      for (ByteBuffer buffer : buffers) {
        pieces.add(isWrite ? Memory.source(buffer) : Memory.target(buffer));
      }
    } catch (RuntimeException e) {
      pieces.forEach(Memory::release);
      throw e;
    }
    return pieces;
  }

  private void check(boolean isWrite, long position) {
    if (position < 0) {
      throw new IllegalArgumentException("the position is " + position + ": it must be 0 or more");
    }
    if (isWrite && !options.writes()) {
      throw new NonWritableChannelException();
    }
    if (!isWrite && !options.reads()) {
      throw new NonReadableChannelException();
    }
  }

  private <T> Operation<T> operation(Request<T> request, boolean ownsMemory) {
    LoopFiles current = files.current();
    OpenFile target = closed.get() ? OpenFile.CLOSED : open;
    return new Operation<>(current != null ? current : home, target, request, ownsMemory);
  }

  // ---- at the cursor, or at the end ----

  /** Takes what comes next: up to a pool buffer of it; what was read ahead is kept for the next. */
  @Override
  public ByteBuf receive() throws IOException {
    LoopThread.refuse("receive");
    check(false, 0);
    if (Thread.interrupted()) { // as every source does, also where it need not wait
      throw new InterruptedIOException("receive was interrupted");
    }
    cursor.enter(this);
    try {
      ByteBuf next = ahead.poll();
      if (next == null && !isPastDirectEnd()) {
        next = readAhead();
      }
      if (next != null) {
        cursor.moveTo(cursor.position() + next.readableBytes());
      }
      return next;
    } finally {
      leaveCursor();
    }
  }

  private ByteBuf readAhead() throws IOException {
    List<ByteBuf> buffers = ReadAhead.buffers(engine.pool());
    try {
      List<Memory> pieces = buffers.stream().map(Memory::target).toList();
      operation(VectoredTransfer.readingSome(open, pieces, cursor.position()), true).await();
      for (ByteBuf buffer : buffers) {
        if (buffer.isReadable()) {
          ahead.add(buffer.retain());
        }
      }
      return ahead.poll();
    } finally {
      buffers.forEach(ByteBuf::release);
    }
  }

  /** A direct read cannot begin within a block, where a file may well end. */
  private boolean isPastDirectEnd() throws IOException {
    return options.isDirect()
        && cursor.position() % Transfer.LEAST_BLOCK_BYTES != 0
        && cursor.position() >= size();
  }

  private void leaveCursor() {
    if (closed.get()) {
      ahead.release();
    }
    cursor.leave();
    if (closed.get() && cursor.tryEnter(this)) { // closed meanwhile, when the cursor was in use
      ahead.release();
      cursor.leave();
    }
  }

  @Override
  public void unread(ByteBuf bytes) {
    cursor.enter(this);
    cursor.moveTo(Math.max(0, cursor.position() - bytes.readableBytes()));
    if (bytes.isReadable()) {
      ahead.unread(bytes);
    } else {
      bytes.release();
    }
    leaveCursor();
  }

  /**
   * Reads at the cursor, and moves it.
   *
   * @param target is filled from its position on
   * @return how many bytes: fewer than there is room for only at the end; -1 when there are none
   * @throws IOException when it fails
   */
  @Override
  public int read(ByteBuffer target) throws IOException {
    return atCursor(false, Memory.target(target), false).await();
  }

  /**
   * Writes all of it: at the cursor, which is moved, or at the end if the file is opened to append.
   *
   * @param source from its position to its limit
   * @return how many bytes: all that there were
   * @throws IOException when it fails
   */
  @Override
  public int write(ByteBuffer source) throws IOException {
    return atCursor(true, Memory.source(source), false).await();
  }

  /** Reads at the cursor, as {@link #read(ByteBuffer)} does. */
  public CompletableFuture<Integer> readAsync(ByteBuffer target) {
    return atCursor(false, Memory.target(target), false).start();
  }

  /** Writes at the cursor or at the end, as {@link #write(ByteBuffer)} does. */
  public CompletableFuture<Integer> writeAsync(ByteBuffer source) {
    return atCursor(true, Memory.source(source), false).start();
  }

  /** Writes at the cursor or at the end. If it fails the cursor and the buffer are as before. */
  @Override
  public void send(ByteBuf bytes) throws IOException {
    int start = bytes.readerIndex();
    try {
      atCursor(true, Memory.source(bytes), true).await();
    } catch (IOException e) {
      bytes.readerIndex(start);
      throw e;
    }
    bytes.release();
  }

  private Operation<Integer> atCursor(boolean isWrite, Memory memory, boolean isWhole) {
    try {
      check(isWrite, 0);
      if (!(isWrite && options.appends())) {
        cursor.enter(memory);
      }
    } catch (RuntimeException e) {
      memory.release();
      throw e;
    }
    if (isWrite && options.appends()) {
      return operation(new Transfer(true, open, memory, 0), memory.isOwned());
    }
    ahead.release(); // read anew: it may be written over meanwhile
    Transfer transfer = new Transfer(isWrite, open, memory, cursor.position());
    // Never abandoned: the cursor is in use, and says where it is, once the kernel is done.
    return operation(new Cursor.Moving(cursor, transfer, isWhole), false);
  }

  /** Where the cursor is, in bytes from the start; appending does not move it. */
  @Override
  public long position() throws ClosedChannelException {
    refuseClosed();
    return cursor.position();
  }

  @Override
  public AsyncFile position(long place) throws ClosedChannelException {
    refuseClosed();
    if (place < 0) {
      throw new IllegalArgumentException("the position is " + place + ": it must be 0 or more");
    }
    cursor.enter(this);
    ahead.release();
    cursor.moveTo(place);
    cursor.leave();
    return this;
  }

  private void refuseClosed() throws ClosedChannelException {
    if (closed.get()) {
      throw new ClosedChannelException();
    }
  }

  /**
   * Does nothing: what was written is with the kernel. {@link #syncAll} brings it to the device.
   */
  @Override
  public void flush() {}

  /** Does nothing: nobody waits for the end of a file. */
  @Override
  public void shutdownOutput() {}

  // ---- the file itself ----

  /**
   * Waits until what was written, and all metadata, is on the device (fsync).
   *
   * @throws IOException when the device failed; what was written since the last time may be lost
   */
  public void syncAll() throws IOException {
    operation(FileRequests.sync(open, false), true).await();
  }

  /**
   * Waits until what was written, and what is needed to read it, is on the device (fdatasync).
   *
   * @throws IOException when the device failed; what was written since the last time may be lost
   */
  public void syncData() throws IOException {
    operation(FileRequests.sync(open, true), true).await();
  }

  /** As {@link #syncAll} does. */
  public CompletableFuture<Void> syncAllAsync() {
    return operation(FileRequests.sync(open, false), true).start();
  }

  /** As {@link #syncData} does. */
  public CompletableFuture<Void> syncDataAsync() {
    return operation(FileRequests.sync(open, true), true).start();
  }

  /**
   * Reserves room on the device, so that writing there cannot fail for want of it; the file grows
   * to hold it.
   *
   * @param offset in bytes, at least 0
   * @param length in bytes, at least 1
   * @throws IOException when there is no room, or the file system cannot reserve any
   */
  public void allocate(long offset, long length) throws IOException {
    allocating(offset, length).await();
  }

  /** As {@link #allocate} does. */
  public CompletableFuture<Void> allocateAsync(long offset, long length) {
    return allocating(offset, length).start();
  }

  private Operation<Void> allocating(long offset, long length) {
    check(true, offset);
    if (length < 1) {
      throw new IllegalArgumentException("the length is " + length + ": it must be 1 or more");
    }
    return operation(FileRequests.allocate(open, 0, offset, length), true);
  }

  /**
   * Cuts the file, or makes it longer by a hole.
   *
   * @param length in bytes, at least 0
   * @throws IOException when it fails
   */
  public void setLength(long length) throws IOException {
    settingLength(length).await();
  }

  /** As {@link #setLength} does. */
  public CompletableFuture<Void> setLengthAsync(long length) {
    return settingLength(length).start();
  }

  private Operation<Void> settingLength(long length) {
    check(true, length);
    return operation(FileRequests.setLength(open, length), true);
  }

  /** Cuts the file if it is longer, and moves the cursor back to its end if it was past that. */
  @Override
  public AsyncFile truncate(long length) throws IOException {
    check(true, length);
    if (length < size()) {
      setLength(length);
    }
    if (cursor.position() > length) {
      position(length);
    }
    return this;
  }

  /** How long the file is now, in bytes. */
  @Override
  public long size() throws IOException {
    return metadata().size();
  }

  /**
   * What is known of the file.
   *
   * @return as it is now
   * @throws IOException when it fails
   */
  public FileStat metadata() throws IOException {
    return FileStat.of(operation(StatRequest.of(open), true).await());
  }

  /** As {@link #metadata} does. */
  public CompletableFuture<FileStat> metadataAsync() {
    return operation(StatRequest.of(open), true).start().thenApply(FileStat::of);
  }

  /**
   * What the kernel knows of the file without asking anybody: never waits, also on a loop's own
   * thread. On a network file system it may be as old as the kernel's cache.
   *
   * @return as it is now
   * @throws IOException when it fails
   */
  public FileStat metadataNow() throws IOException {
    if (closed.get() || !open.use()) {
      throw new ClosedChannelException();
    }
    try {
      return FileStat.of(StatRequest.now(open));
    } finally {
      open.free();
    }
  }

  /**
   * Tells the kernel how a part of the file will be used.
   *
   * @param offset in bytes, at least 0
   * @param length in bytes; 0 for all from there on
   * @param advice how
   * @throws IOException when it fails
   */
  public void advise(long offset, long length, Advice advice) throws IOException {
    operation(FileRequests.advise(open, offset, length, advice.number()), true).await();
  }

  /** As {@link #advise} does. */
  public CompletableFuture<Void> adviseAsync(long offset, long length, Advice advice) {
    return operation(FileRequests.advise(open, offset, length, advice.number()), true).start();
  }

  /**
   * Says who may do what.
   *
   * @param permissions all of them
   * @throws IOException when it fails
   */
  public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
    operation(FileRequests.setMode(open, FileStat.mode(permissions)), true).await();
  }

  /** As {@link #setPermissions} does. */
  public CompletableFuture<Void> setPermissionsAsync(Set<PosixFilePermission> permissions) {
    return operation(FileRequests.setMode(open, FileStat.mode(permissions)), true).start();
  }

  /** A call of one's own on a descriptor. */
  @FunctionalInterface
  public interface DescriptorCall {
    /**
     * Makes it.
     *
     * @param descriptor stays open until this returns, and is not to be closed
     * @return whatever it gives
     * @throws IOException when it fails
     */
    long make(int descriptor) throws IOException;
  }

  /**
   * Makes a call of one's own that does not block, on the calling thread.
   *
   * @param call gets the descriptor
   * @return what it gave
   * @throws ClosedChannelException when the file is closed
   * @throws IOException what the call threw
   */
  public long withDescriptor(DescriptorCall call) throws IOException {
    if (closed.get() || !open.use()) {
      throw new ClosedChannelException();
    }
    try {
      return call.make(open.descriptor());
    } finally {
      open.free();
    }
  }

  // ---- its end ----

  @Override
  public boolean isOpen() {
    return !closed.get();
  }

  /**
   * Closes this handle, and the file with its last handle: what is under way is cancelled where the
   * kernel can, and ends with an {@link java.nio.channels.AsynchronousCloseException}; then the
   * descriptor is closed. Waits for that, but not on a loop's own thread. A second time does
   * nothing.
   *
   * @throws IOException when the kernel says that what was written is lost; it is closed all the
   *     same
   */
  @Override
  public void close() throws IOException {
    CompletableFuture<Void> done = closeAsync();
    if (!(Thread.currentThread() instanceof LoopThread)) {
      Closing.await(done);
    }
  }

  /**
   * Closes it, as {@link #close} does.
   *
   * @return done when the descriptor is free, or at once when another handle has it still
   */
  public CompletableFuture<Void> closeAsync() {
    if (!closed.compareAndSet(false, true)) {
      return handles.get() == 0 ? open.close() : CompletableFuture.completedFuture(null);
    }
    if (cursor.tryEnter(this)) {
      leaveCursor();
    }
    return handles.decrementAndGet() == 0 ? open.close() : CompletableFuture.completedFuture(null);
  }

  @Override
  public String toString() {
    return path + " (" + backend() + (isOpen() ? ")" : ", closed)");
  }
}
