package dev.headrace.internal.transport;

import dev.headrace.EngineOptions;
import dev.headrace.Transport;
import dev.headrace.TransportReport;
import dev.headrace.buffer.BufferPool;
import dev.headrace.internal.ring.RingHandle;
import dev.headrace.linux.IoUringProbe;
import dev.headrace.linux.KernelSettings;
import dev.headrace.linux.Linux;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringBufferRingAllocator;
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * io_uring. What makes it fast is the provided-buffer ring (Linux 5.19): the kernel picks a buffer
 * when bytes arrive, so that one multishot receive serves a connection for its life, and an idle
 * connection holds no memory.
 */
final class IoUringTransport implements ChannelTransport {
  private static final short BUFFER_GROUP = 0;

  static final IoUringTransport TUNED = new IoUringTransport(1024, 8192, 256);
  private static final IoUringTransport SMALL = new IoUringTransport(128, 512, 64);

  /**
   * A read loop ends with each buffer. In the middle of a longer one Netty 4.2.18 forgets that
   * reading was asked for again when the receive that was cancelled before ends, and stalls.
   */
  private static final RecvByteBufAllocator READ_LOOP =
      new FixedRecvByteBufAllocator(BUFFER_SIZE_BYTES).maxMessagesPerRead(1);

  /** The features that change how the engine runs, by the name Netty reports each under. */
  private static final Map<String, String> FEATURES = features();

  private static final boolean IS_MULTISHOT = isMultishot();

  private final int submissions;
  private final int completions;
  private final int ringBuffers;

  private IoUringTransport(int submissions, int completions, int ringBuffers) {
    this.submissions = submissions;
    this.completions = completions;
    this.ringBuffers = ringBuffers;
  }

  private static Map<String, String> features() {
    Map<String, String> features = new LinkedHashMap<>();
    features.put("multishot_accept", "ACCEPT_MULTISHOT_SUPPORTED");
    features.put("multishot_recv", "RECV_MULTISHOT_SUPPORTED");
    features.put("multishot_poll", "POLL_ADD_MULTISHOT_SUPPORTED");
    features.put("buffer_ring", "REGISTER_BUFFER_RING_SUPPORTED");
    features.put("incremental_buffers", "REGISTER_BUFFER_RING_INC_SUPPORTED");
    features.put("send_zc", "SEND_ZC_SUPPORTED");
    features.put("sendmsg_zc", "SENDMSG_ZC_SUPPORTED");
    features.put("recvsend_bundle", "IORING_RECVSEND_BUNDLE_SUPPORTED");
    features.put("splice", "SPLICE_SUPPORTED");
    features.put("single_issuer", "SETUP_SINGLE_ISSUER_SUPPORTED");
    features.put("defer_taskrun", "SETUP_DEFER_TASKRUN_SUPPORTED");
    features.put("submit_all", "SETUP_SUBMIT_ALL_SUPPORTED");
    features.put("no_sqarray", "SETUP_NO_SQARRAY_SUPPORTED");
    features.put("iowq_max_workers", "REGISTER_IOWQ_MAX_WORKERS_SUPPORTED");
    return features;
  }

  @Override
  public Transport kind() {
    return Transport.IO_URING;
  }

  @Override
  public TransportReport.Entry probe() {
    if (!Linux.isPresent()) {
      return TransportReport.Entry.unavailable(
          kind(), "io_uring is Linux's, and this is " + System.getProperty("os.name"));
    }
    if (IoUring.isAvailable()) {
      return TransportReport.Entry.available(kind(), probedFeatures());
    }
    return TransportReport.Entry.unavailable(kind(), refusal(IoUring.unavailabilityCause()));
  }

  private static boolean isMultishot() {
    if (!Linux.isPresent() || !IoUring.isAvailable()) {
      return false;
    }
    Map<String, Boolean> features = probedFeatures();
    return features.get("multishot_accept") && features.get("multishot_recv");
  }

  private static Map<String, Boolean> probedFeatures() {
    String reported = ", " + IoUring.featureString().replaceFirst("^[^:]*: ", "");
    Map<String, Boolean> probed = new LinkedHashMap<>();
    FEATURES.forEach(
        (name, reportedName) -> probed.put(name, reported.contains(", " + reportedName + "=true")));
    return probed;
  }

  @Override
  public String refusal(Throwable cause) {
    String answer = Transports.rootMessage(cause);
    boolean forbidden =
        answer.contains("Operation not permitted") || answer.contains("Permission denied");
    OptionalInt disabled = KernelSettings.ofHost().ioUringDisabled();
    if (forbidden && disabled.orElse(0) != 0) {
      return "io_uring is off by kernel.io_uring_disabled="
          + disabled.getAsInt()
          + ": `sysctl kernel.io_uring_disabled=0` turns it on";
    }
    if (forbidden) {
      return answer + ": a seccomp filter (a container's default) forbids io_uring; allow it there";
    }
    if (answer.contains("not implemented") || answer.contains("ENOSYS")) {
      return answer + ": this kernel is built without io_uring, or a seccomp filter hides it";
    }
    if (answer.contains("Cannot allocate memory")) {
      return answer + ": raise the locked-memory limit (`ulimit -l`), or start fewer loops";
    }
    return answer;
  }

  @Override
  public ChannelTransport smaller() {
    return this == SMALL ? null : SMALL;
  }

  @Override
  public BitSet ringOperations() {
    try {
      return IoUringProbe.opcodes();
    } catch (UnsupportedOperationException e) {
      return new BitSet(); // native access is denied to the engine: no file operation can be made
    }
  }

  @Override
  public IoHandlerFactory handlerFactory(
      BufferPool pool, DirectSockets sockets, EngineOptions options) {
    IoUringIoHandlerConfig config =
        new IoUringIoHandlerConfig().setRingSize(submissions).setCqSize(completions);
    if (probedFeatures().get("iowq_max_workers")) {
      config
          .setMaxBoundedWorker(options.fileWorkers()) // regular files
          .setMaxUnboundedWorker(options.fileWorkers()); // what may wait for ever: pipes, sockets
    }
    if (IoUring.isRegisterBufferRingSupported()) {
      int entries = Math.min(ringBuffers, Integer.highestOneBit(pool.stats().limit() / 8));
      config.setBufferRingConfig(
          IoUringBufferRingConfig.builder()
              .bufferGroupId(BUFFER_GROUP)
              .bufferRingSize((short) entries)
              .batchSize(entries)
              .incremental(false) // a buffer is received into once, and handed on whole
              .allocator(new PoolRingAllocator(pool))
              .build());
    }
    IoHandlerFactory netty = IoUringIoHandler.newFactory(config);
    return own ->
        new RegisteringIoHandler(
            netty.newHandler(own),
            sockets,
            (handler, handle) -> {
              // A single receive or accept is begun again only when it is asked for.
              if (!IS_MULTISHOT
                  || !(handle instanceof IoUringIoHandle channel)
                  || handle instanceof RingHandle) {
                return sockets.ringCounts().counting(handler.register(handle));
              }
              UringSocket socket = new UringSocket(channel, sockets);
              return socket.registered(handler.register(socket));
            });
  }

  @Override
  public void prepare(ServerBootstrap bootstrap, SocketAddress local) {
    if (local instanceof UnixDomainSocketAddress unix) {
      bootstrap
          .channel(IoUringServerDomainSocketChannel.class)
          .localAddress(new DomainSocketAddress(unix.getPath().toString()));
    } else {
      bootstrap.channel(IoUringServerSocketChannel.class).localAddress(local);
    }
    bootstrap.childOption(ChannelOption.RECVBUF_ALLOCATOR, READ_LOOP);
    if (IoUring.isRegisterBufferRingSupported()) {
      bootstrap.childOption(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, BUFFER_GROUP);
    }
  }

  @Override
  public void prepare(Bootstrap bootstrap, SocketAddress remote) {
    if (remote instanceof UnixDomainSocketAddress unix) {
      bootstrap
          .channel(IoUringDomainSocketChannel.class)
          .remoteAddress(new DomainSocketAddress(unix.getPath().toString()));
    } else {
      bootstrap.channel(IoUringSocketChannel.class).remoteAddress(remote);
    }
    bootstrap.option(ChannelOption.RECVBUF_ALLOCATOR, READ_LOOP);
    if (IoUring.isRegisterBufferRingSupported()) {
      bootstrap.option(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, BUFFER_GROUP);
    }
  }

  @Override
  public ChannelFactory<? extends DatagramChannel> datagrams(SocketProtocolFamily family) {
    return () -> new IoUringDatagramChannel(family);
  }

  /** Refills the kernel's ring from the loop's pool; never throws, which would corrupt the ring. */
  private record PoolRingAllocator(BufferPool pool) implements IoUringBufferRingAllocator {
    @Override
    public ByteBuf allocate() {
      return pool.takeForRing();
    }

    @Override
    public void lastBytesRead(int attempted, int actual) {}
  }
}
