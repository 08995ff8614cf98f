package dev.headrace.internal.loop;

import static dev.headrace.internal.loop.ReadGate.Reason.PEER_SLOW;
import static dev.headrace.internal.loop.ReadGate.Reason.POOL_SHORT;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class ReadGateTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();

  private boolean reads() {
    return channel.config().isAutoRead();
  }

  @Test
  void readingGoesOnWhenTheLastReasonIsGone() {
    ReadGate.close(channel, PEER_SLOW);
    ReadGate.close(channel, POOL_SHORT);
    ReadGate.close(channel, POOL_SHORT);
    ReadGate.open(channel, POOL_SHORT);
    assertFalse(reads());
    ReadGate.open(channel, PEER_SLOW);
    assertTrue(reads());
  }

  @Test
  void openingWhatIsOpenChangesNothing() {
    ReadGate.open(channel, PEER_SLOW);
    assertTrue(reads());
    channel.config().setAutoRead(false);
    ReadGate.open(channel, PEER_SLOW);
    assertFalse(reads());
  }

  @Test
  void whatTheApplicationStoppedStaysStopped() {
    channel.config().setAutoRead(false);
    ReadGate.close(channel, POOL_SHORT);
    ReadGate.open(channel, POOL_SHORT);
    assertFalse(reads());
    channel.config().setAutoRead(true);
    ReadGate.close(channel, POOL_SHORT);
    ReadGate.open(channel, POOL_SHORT);
    assertTrue(reads());
  }
}
