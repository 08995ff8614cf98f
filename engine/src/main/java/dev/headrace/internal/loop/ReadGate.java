package dev.headrace.internal.loop;

import io.netty.channel.Channel;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import java.util.EnumSet;

/**
 * Whether a connection may read. Several parts may want it to stop, each for a reason of its own:
 * it reads again when the last reason is gone. Confined to the connection's loop.
 */
public final class ReadGate {
  private static final AttributeKey<EnumSet<Reason>> CLOSED_FOR =
      AttributeKey.valueOf(ReadGate.class, "closedFor");

  /** Why a connection does not read. */
  public enum Reason {
    /** The loop's buffer pool runs short. */
    POOL_SHORT,
    /** Whoever takes what is read is slower than whoever sends it. */
    PEER_SLOW,
    /** The task that reads is slower than the peer. */
    TASK_SLOW,
    /** Accepting failed, for want of descriptors most of all: it rests for a while. */
    CANNOT_ACCEPT,
    /** Its bytes are spliced beside its channel. */
    SPLICED,
    /** There is nowhere to send to yet. */
    CONNECTING,
    /** It was told not to before the first gate closed; whoever told it opens it again. */
    APPLICATION
  }

  private ReadGate() {}

  /**
   * Stops reading.
   *
   * @param channel the connection
   * @param reason why; a second time for the same reason changes nothing
   */
  public static void close(Channel channel, Reason reason) {
    Attribute<EnumSet<Reason>> attribute = channel.attr(CLOSED_FOR);
    EnumSet<Reason> reasons = attribute.get();
    if (reasons == null) {
      reasons = EnumSet.noneOf(Reason.class);
      attribute.set(reasons);
    }
    if (reasons.isEmpty() && !channel.config().isAutoRead()) {
      reasons.add(Reason.APPLICATION);
    }
    reasons.add(reason);
    channel.config().setAutoRead(false);
  }

  /**
   * Takes one reason away, and reads again if it was the last.
   *
   * @param channel the connection
   * @param reason which; nothing happens if the gate was not closed for it
   */
  public static void open(Channel channel, Reason reason) {
    EnumSet<Reason> reasons = channel.hasAttr(CLOSED_FOR) ? channel.attr(CLOSED_FOR).get() : null;
    if (reasons == null || !reasons.remove(reason)) {
      return;
    }
    if (reasons.isEmpty()) {
      channel.config().setAutoRead(true);
    } else if (reasons.equals(EnumSet.of(Reason.APPLICATION))) {
      reasons.clear();
    }
  }
}
