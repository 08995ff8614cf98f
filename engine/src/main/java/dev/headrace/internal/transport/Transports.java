package dev.headrace.internal.transport;

import dev.headrace.EngineOptions;
import dev.headrace.FileBackend;
import dev.headrace.Transport;
import dev.headrace.TransportReport;
import dev.headrace.TransportUnavailableException;
import dev.headrace.internal.loop.LoopGroup;
import dev.headrace.internal.ring.EngineFiles;
import java.util.ArrayList;
import java.util.List;

/** The one place that chooses the transport. */
public final class Transports {
  private static final List<ChannelTransport> BY_PREFERENCE =
      List.of(IoUringTransport.TUNED, new EpollTransport(), new NioTransport());

  private Transports() {}

  /**
   * Loops that run.
   *
   * @param transport what they run on
   * @param loops the loops
   * @param report why that transport
   */
  public record Started(ChannelTransport transport, LoopGroup loops, TransportReport report) {}

  /**
   * Starts loops on the transport that the options ask for, or the best that this host offers.
   *
   * @param options how many loops, on what
   * @return the loops, with the reason of the choice
   * @throws TransportUnavailableException when a transport was demanded that cannot be had
   */
  public static Started start(EngineOptions options) {
    List<TransportReport.Entry> entries = new ArrayList<>();
    Started started = null;
    List<String> passedOver = new ArrayList<>();
    Throwable last = null;
    for (ChannelTransport transport : BY_PREFERENCE) {
      TransportReport.Entry entry = transport.probe();
      boolean wanted =
          options.transport() == Transport.AUTO || options.transport() == transport.kind();
      if (started == null && wanted && entry.available()) {
        try {
          started = startOn(transport, options);
        } catch (TransportUnavailableException e) {
          throw e; // the ring was demanded for files: no other transport has one
        } catch (RuntimeException | LinkageError e) {
          last = e;
          entry = TransportReport.Entry.unavailable(transport.kind(), transport.refusal(e));
        }
      }
      if (started == null && wanted) {
        if (options.transport() != Transport.AUTO) {
          throw new TransportUnavailableException(transport.kind(), entry.reason(), last);
        }
        passedOver.add(transport.kind() + ": " + entry.reason());
      }
      entries.add(entry);
    }
    if (started == null) {
      throw new IllegalStateException(
          "no transport could be started: " + String.join("; ", passedOver), last);
    }
    String reason = started.report().reason();
    if (!passedOver.isEmpty()) {
      reason = reason + " (" + String.join("; ", passedOver) + ")";
    }
    return new Started(
        started.transport(),
        started.loops(),
        new TransportReport(
            started.transport().kind(),
            reason,
            entries,
            TransportReport.Tasks.ofThisJvm(),
            started.report().files()));
  }

  private static Started startOn(ChannelTransport transport, EngineOptions options) {
    String why =
        options.transport() == Transport.AUTO ? "the best that this host offers" : "demanded";
    try {
      return started(transport, options, why);
    } catch (RuntimeException | LinkageError e) {
      ChannelTransport smaller = transport.smaller();
      if (smaller == null) {
        throw e;
      }
      return started(smaller, options, why + ", with small rings, since " + transport.refusal(e));
    }
  }

  private static Started started(ChannelTransport transport, EngineOptions options, String why) {
    TransportReport.Files files = FileBackends.choose(options.fileBackend(), transport);
    LoopGroup loops = new LoopGroup(transport, options);
    loops.files(new EngineFiles(options, loops.loops(), files, transport.ringOperations()));
    return new Started(
        transport,
        loops,
        new TransportReport(
            transport.kind(), why, List.of(), TransportReport.Tasks.ofThisJvm(), files));
  }

  /** One transport, whether this host offers it or not. */
  public static ChannelTransport of(Transport kind) {
    return BY_PREFERENCE.stream()
        .filter(transport -> transport.kind() == kind)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(kind + " is no transport by itself"));
  }

  /** What this host offers, without starting anything. */
  public static TransportReport report() {
    List<TransportReport.Entry> entries =
        BY_PREFERENCE.stream().map(ChannelTransport::probe).toList();
    TransportReport.Entry best =
        entries.stream()
            .filter(TransportReport.Entry::available)
            .findFirst()
            .orElseThrow(); // NIO always is
    String reason =
        best == entries.getFirst() ? "the best that this host offers" : entries.getFirst().reason();
    return new TransportReport(
        best.transport(),
        reason,
        entries,
        TransportReport.Tasks.ofThisJvm(),
        FileBackends.choose(FileBackend.AUTO, of(best.transport())));
  }

  /** What the system answered in the end, without the wrappers around it. */
  static String rootMessage(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null ? root.getClass().getSimpleName() : message;
  }
}
