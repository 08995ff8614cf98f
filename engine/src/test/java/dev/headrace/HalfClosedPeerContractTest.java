package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.fixture.Await;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Sequence;
import dev.headrace.fixture.Wire;
import dev.headrace.linux.Descriptors;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.unix.UnixChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernel tells of a peer's end with everything else that it tells, for as long as it lasts. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class HalfClosedPeerContractTest {
  private static final int ANSWER_BYTES = 24 << 20; // more than the kernel holds
  private static final int PART_BYTES = 64 << 10;
  private static final long MOST_TURNS_AT_REST = 5_000;

  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;

  HalfClosedPeerContractTest(Transport transport) {
    this.transport = transport;
  }

  @Test
  void aPeerThatHasEndedItsSideAndReadsLateHearsTheWholeAnswerAndCostsNothingMeanwhile()
      throws Exception {
    Engine engine = rig.start(transport, options -> options.loops(1));
    Sequence words = new Sequence(1);
    CompletableFuture<Channel> answers = new CompletableFuture<>();
    Channel server =
        engine
            .serverBootstrap()
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new AnswersAtTheEnd(words, answers));
                  }
                })
            .bind()
            .sync()
            .channel();
    try (SocketChannel client = Wire.connect(server.localAddress())) {
      client.shutdownOutput();
      // 1. Nobody reads, until nothing moves.
      Channel answering = Rig.get(answers);
      assertTrue(Await.settled(answering::bytesBeforeWritable) > 0, "the kernel took it all");
      long before = turns(engine);
      Await.settled(answering::bytesBeforeWritable);
      long turns = turns(engine) - before;
      assertTrue(turns < MOST_TURNS_AT_REST, () -> turns + " turns of a loop at rest");
      // 2. Then all of it is read.
      assertEquals(ANSWER_BYTES, words.readToEnd(client, 0));
    }
  }

  private static long turns(Engine engine) {
    return engine.stats().loops().getFirst().turns();
  }

  private static final class AnswersAtTheEnd extends ChannelInboundHandlerAdapter {
    private final Sequence words;
    private final CompletableFuture<Channel> answers;

    AnswersAtTheEnd(Sequence words, CompletableFuture<Channel> answers) {
      this.words = words;
      this.answers = answers;
    }

    /** As whoever splices does it. */
    @Override
    public void channelActive(ChannelHandlerContext context) {
      if (context.channel() instanceof UnixChannel socket) {
        Descriptors.setNonBlocking(socket.fd().intValue());
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        for (int at = 0; at < ANSWER_BYTES; at += PART_BYTES) {
          context.write(Unpooled.wrappedBuffer(words.bytes(at, PART_BYTES)));
        }
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        answers.complete(context.channel());
      }
    }
  }
}
