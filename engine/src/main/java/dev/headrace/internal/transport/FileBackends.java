package dev.headrace.internal.transport;

import dev.headrace.FileBackend;
import dev.headrace.Transport;
import dev.headrace.TransportReport;
import dev.headrace.TransportUnavailableException;
import dev.headrace.linux.Linux;

/** The one place that chooses how file operations are done. */
public final class FileBackends {
  // linux/io_uring.h: what a ring must have to be of use; single others may be missing
  private static final int IORING_OP_OPENAT = 18;
  private static final int IORING_OP_READ = 22;
  private static final int IORING_OP_WRITE = 23;

  private FileBackends() {}

  /**
   * Chooses.
   *
   * @param wanted by the options
   * @param transport what the loops run on
   * @return the choice, and why
   * @throws TransportUnavailableException when the ring was demanded, and there is none
   */
  public static TransportReport.Files choose(FileBackend wanted, ChannelTransport transport) {
    if (wanted == FileBackend.THREADS) {
      return new TransportReport.Files(FileBackend.THREADS, "demanded");
    }
    String obstacle = obstacle(transport);
    if (obstacle == null) {
      return new TransportReport.Files(
          FileBackend.RING,
          wanted == FileBackend.RING
              ? "demanded"
              : "on the event loop's own ring: no thread waits");
    }
    if (wanted == FileBackend.RING) {
      throw new TransportUnavailableException(
          Transport.IO_URING, "files were demanded on the ring, but " + obstacle, null);
    }
    return new TransportReport.Files(FileBackend.THREADS, obstacle + ": a pool of threads blocks");
  }

  private static String obstacle(ChannelTransport transport) {
    if (!Linux.isPresent()) {
      return "files need Linux, and this is " + System.getProperty("os.name");
    }
    if (transport.kind() != Transport.IO_URING) {
      return transport.kind() + " has no file operations";
    }
    var operations = transport.ringOperations();
    return operations.get(IORING_OP_OPENAT)
            && operations.get(IORING_OP_READ)
            && operations.get(IORING_OP_WRITE)
        ? null
        : "this kernel's io_uring has no file operations (Linux 5.6)";
  }
}
