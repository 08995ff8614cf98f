package dev.headrace.internal.transport;

import dev.headrace.EngineStats;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;

/** What one loop asks of its ring. Written by the loop with plain stores; any thread may read. */
final class RingCounts {
  private long submissions;
  private long receivesWithoutBuffer;

  void submitted() {
    submissions++;
  }

  void receivedWithoutBuffer() {
    receivesWithoutBuffer++;
  }

  /** As they are now. */
  EngineStats.Ring snapshot() {
    return new EngineStats.Ring(submissions, receivesWithoutBuffer);
  }

  /** Counts what is submitted through a registration. */
  IoRegistration counting(IoRegistration registration) {
    return new Counting(registration, this);
  }

  private record Counting(IoRegistration registration, RingCounts counts)
      implements IoRegistration {
    @Override
    public long submit(IoOps ops) {
      counts.submitted();
      return registration.submit(ops);
    }

    @Override
    public <T> T attachment() {
      return registration.attachment();
    }

    @Override
    public boolean isValid() {
      return registration.isValid();
    }

    @Override
    public boolean cancel() {
      return registration.cancel();
    }
  }
}
