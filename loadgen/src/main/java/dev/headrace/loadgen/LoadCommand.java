package dev.headrace.loadgen;

import static dev.headrace.loadgen.WrongValue.check;

import dev.headrace.EngineOptions;
import dev.headrace.loadgen.load.Arrivals;
import dev.headrace.loadgen.load.ConnectWorkload;
import dev.headrace.loadgen.load.EchoWorkload;
import dev.headrace.loadgen.load.HoldRun;
import dev.headrace.loadgen.load.HttpWorkload;
import dev.headrace.loadgen.load.RunPlan;
import dev.headrace.loadgen.load.UdpWorkload;
import dev.headrace.loadgen.load.Workload;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code headrace load}: one run against a target. */
@Command(
    name = "load",
    description = "Drives a target, and measures it.",
    mixinStandardHelpOptions = true)
final class LoadCommand {
  private static final long LARGEST_REQUEST = 64L << 20;
  private static final int DEEPEST = 65536;
  private static final int DEEPEST_OF_DATAGRAMS = 1024;
  private static final int LARGEST_DATAGRAM = 65507;
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);
  private static final double FASTEST = 1e8;

  static CommandLine line(Session session) {
    return new CommandLine(new LoadCommand())
        .addSubcommand(new EchoCommand(session))
        .addSubcommand(new ConnectCommand(session))
        .addSubcommand(new UdpCommand(session))
        .addSubcommand(new HttpCommand(session));
  }

  /** The options of all loads. */
  private static final class Flags {
    @Option(
        names = "--target",
        required = true,
        paramLabel = "HOST:PORT|unix:PATH",
        description = "Whom to drive.",
        converter = Values.AddressText.class)
    private Address target;

    @Option(
        names = "--connections",
        paramLabel = "N",
        description = "Connections at a time. Default: 64.")
    private int connections = 64;

    @Option(
        names = "--rate",
        paramLabel = "PER_SECOND",
        description =
            "Requests a second over all connections, on a fixed schedule (an open loop);"
                + " may be a fraction. Default: as many as are answered (a closed loop).")
    private Double rate;

    @Option(
        names = "--arrivals",
        paramLabel = "uniform|poisson",
        description = "How the requests of --rate are spread. Default: uniform.",
        converter = Values.ArrivalsLabel.class)
    private Arrivals arrivals;

    @Mixin private RunFlags run;

    int connections(SocketAddress remote) throws IOException {
      check(connections >= 1, "--connections is " + connections + ": it must be 1 or more");
      HostLimits.check("--connections", connections, remote);
      return connections;
    }

    RunPlan plan() {
      check(arrivals == null || rate != null, "--arrivals needs --rate");
      check(
          rate == null || rate > 0 && rate <= FASTEST,
          "--rate is " + rate + ": it must be above 0, and at most " + (long) FASTEST);
      Arrivals spread = arrivals == null ? Arrivals.UNIFORM : arrivals;
      return new RunPlan(
          run.warmup(),
          run.duration(),
          Optional.ofNullable(rate).map(perSecond -> new RunPlan.Pace(perSecond, spread)));
    }
  }

  /** How many requests at a time. */
  private static final class Depth {
    @Option(
        names = "--depth",
        paramLabel = "N",
        description = "Requests in flight on each connection. Default: 1.")
    private int depth = 1;

    int upTo(int deepest) {
      check(depth >= 1 && depth <= deepest, "--depth is " + depth + ": it must be 1 to " + deepest);
      return depth;
    }
  }

  private static int drive(Session session, Flags flags, Workload workload, RunPlan plan)
      throws IOException {
    return MeasuredRun.drive(session, flags.run, flags.run.engine().build(), workload, plan);
  }

  @Command(
      name = "echo",
      description = "Sends bytes to an echo server, and checks that each answer is what was sent.",
      mixinStandardHelpOptions = true)
  private static final class EchoCommand implements Callable<Integer> {
    private final Session session;
    @Mixin private Flags flags;

    @Option(
        names = "--size",
        paramLabel = "BYTES",
        description = "Bytes of a request: 64, 4k, 1m. Default: 64.",
        converter = Values.Size.class)
    private Long size = 64L;

    @Mixin private Depth depth;

    EchoCommand(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws IOException {
      check(
          size >= 1 && size <= LARGEST_REQUEST,
          "--size is " + size + ": it must be 1 to 64m bytes");
      RunPlan plan = flags.plan();
      SocketAddress target = flags.target.resolveTarget();
      Workload workload =
          new EchoWorkload(target, flags.connections(target), size.intValue(), depth.upTo(DEEPEST));
      return drive(session, flags, workload, plan);
    }
  }

  @Command(
      name = "connect",
      description = "Connects and disconnects, or holds connections.",
      mixinStandardHelpOptions = true)
  private static final class ConnectCommand implements Callable<Integer> {
    private final Session session;
    @Mixin private Flags flags;

    @Option(
        names = "--hold",
        paramLabel = "N",
        description = "Opens N connections and holds them for the duration.")
    private Integer hold;

    ConnectCommand(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws IOException {
      RunPlan plan = flags.plan();
      SocketAddress target = flags.target.resolveTarget();
      if (hold == null) {
        Workload workload = new ConnectWorkload(target, flags.connections(target));
        return drive(session, flags, workload, plan);
      }
      check(hold >= 1, "--hold is " + hold + ": it must be 1 or more");
      check(flags.rate == null, "--hold opens as fast as it can: leave out --rate");
      HostLimits.check("--hold", hold, target);
      EngineOptions options = flags.run.engine().build();
      return MeasuredRun.of(
          session,
          flags.run,
          "hold",
          context -> HoldRun.run(target, hold, plan.duration(), options, context));
    }
  }

  @Command(
      name = "udp",
      description = "Sends datagrams to a UDP echo server; what is lost is an error.",
      mixinStandardHelpOptions = true)
  private static final class UdpCommand implements Callable<Integer> {
    private final Session session;
    @Mixin private Flags flags;
    @Mixin private Depth depth;

    @Option(
        names = "--size",
        paramLabel = "BYTES",
        description = "Bytes of a datagram, 16 to 65507. Default: 64.",
        converter = Values.Size.class)
    private Long size = 64L;

    @Option(
        names = "--timeout",
        paramLabel = "TIME",
        description = "A request without an answer is lost after so long. Default: 1s.",
        converter = Values.Time.class)
    private Duration timeout = Duration.ofSeconds(1);

    UdpCommand(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws IOException {
      check(
          size >= 16 && size <= LARGEST_DATAGRAM,
          "--size is " + size + ": it must be 16 to " + LARGEST_DATAGRAM + " bytes");
      check(
          timeout.toMillis() >= 1 && timeout.compareTo(LONGEST_TIMEOUT) <= 0,
          "--timeout is " + timeout.toMillis() + " ms: it must be 1ms to 1m");
      check(!flags.target.isUnix(), "--target is " + flags.target.text() + ": UDP needs HOST:PORT");
      int deep = depth.upTo(DEEPEST_OF_DATAGRAMS);
      RunPlan plan = flags.plan();
      InetSocketAddress target = (InetSocketAddress) flags.target.resolveTarget();
      Workload workload =
          new UdpWorkload(target, flags.connections(target), size.intValue(), deep, timeout);
      return drive(session, flags, workload, plan);
    }
  }

  @Command(
      name = "http",
      description = "Gets a path by HTTP/1.1, over connections that are kept alive.",
      mixinStandardHelpOptions = true)
  private static final class HttpCommand implements Callable<Integer> {
    private final Session session;
    @Mixin private Flags flags;
    @Mixin private Depth depth;

    @Option(
        names = "--path",
        paramLabel = "PATH",
        description = "What is asked for, with its query. Default: /.")
    private String path = "/";

    HttpCommand(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws IOException {
      check(
          path.startsWith("/") && path.chars().allMatch(c -> c > ' ' && c < 0x7f),
          "--path is '" + path + "': it must begin with / and hold no space or control character");
      int deep = depth.upTo(DEEPEST);
      RunPlan plan = flags.plan();
      SocketAddress target = flags.target.resolveTarget();
      String host = flags.target.isUnix() ? "localhost" : flags.target.text();
      Workload workload = new HttpWorkload(target, host, path, flags.connections(target), deep);
      return drive(session, flags, workload, plan);
    }
  }
}
