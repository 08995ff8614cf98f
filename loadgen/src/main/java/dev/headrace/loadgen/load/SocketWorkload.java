package dev.headrace.loadgen.load;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.loadgen.Interruption;
import dev.headrace.loadgen.measure.LocalServer;
import dev.headrace.loadgen.report.Progress;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/** What is asked of a target, a connection a lane. */
public sealed interface SocketWorkload extends Workload
    permits EchoWorkload, ConnectWorkload, UdpWorkload, HttpWorkload {
  /** Whom it drives. */
  SocketAddress target();

  /** How many at once, at least 1. */
  int connections();

  /** Its own options, as they stand in the result's {@code config}. */
  Map<String, Object> options();

  /** Makes a lane. */
  Lane lane(Site site, int index);

  @Override
  default int lanes() {
    return connections();
  }

  @Override
  default Optional<LocalServer> server() {
    return LocalServer.find(target());
  }

  @Override
  default Map<String, Object> config() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("target", IoFailure.text(target()));
    config.put("connections", connections());
    config.putAll(options());
    return config;
  }

  @Override
  default Lanes prepare(Engine engine) {
    return this::lane;
  }

  @Override
  default Map<String, Integer> open(
      IntFunction<Future<?>> lane, Progress progress, Interruption stop) throws IoFailure {
    progress.phase("connecting");
    Opening opening = new Opening(target());
    opening.run(connections(), lane, stop);
    return opening.failures();
  }
}
