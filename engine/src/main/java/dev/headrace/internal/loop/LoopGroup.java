package dev.headrace.internal.loop;

import dev.headrace.EngineOptions;
import dev.headrace.internal.ring.EngineFiles;
import dev.headrace.internal.transport.ChannelTransport;
import dev.headrace.linux.CpuAffinity;
import dev.headrace.linux.CpuSet;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** The loops of an engine. */
public final class LoopGroup extends MultiThreadIoEventLoopGroup {
  private List<Loop> loops;
  private EngineFiles files;

  /**
   * Makes the loops; their rings or selectors are set up at once, so that what the kernel refuses
   * shows here.
   *
   * @param transport what the loops run on
   * @param options how many, how named, where pinned
   */
  public LoopGroup(ChannelTransport transport, EngineOptions options) {
    // The factory is not called: newChild makes the handlers, a pool each.
    super(
        options.loops(),
        threads(transport, options),
        (IoHandlerFactory)
            own -> {
              throw new AssertionError("a Loop makes its own I/O handler");
            },
        transport,
        options);
  }

  @Override
  protected IoEventLoop newChild(
      java.util.concurrent.Executor executor, IoHandlerFactory unused, Object... args) {
    ChannelTransport transport = (ChannelTransport) args[0];
    EngineOptions options = (EngineOptions) args[1];
    if (loops == null) {
      loops = new ArrayList<>();
    }
    String name = nameOf(transport, options, loops.size());
    Loop loop = Loop.create(this, executor, transport, options, name);
    loops.add(loop);
    return loop;
  }

  /** The loops, in the order of their names. */
  public List<Loop> loops() {
    return Collections.unmodifiableList(loops);
  }

  /** The files that are worked on here, from {@link #files(EngineFiles)} on. */
  public EngineFiles files() {
    return files;
  }

  /** Gives these loops their share of an engine's file operations, once. */
  public void files(EngineFiles share) {
    files = share;
  }

  /** The loop that the caller runs on, if it is one of these; else the next one in turn. */
  public Loop currentOrNext() {
    Loop current = LoopThread.current();
    return current != null && current.parent() == this ? current : (Loop) next();
  }

  private static ThreadFactory threads(ChannelTransport transport, EngineOptions options) {
    AtomicInteger next = new AtomicInteger();
    int[] cpus = options.pin().map(CpuSet::toArray).orElse(new int[0]);
    return task -> {
      int index = next.getAndIncrement();
      String name = nameOf(transport, options, index);
      Runnable body =
          cpus.length == 0
              ? task
              : () -> {
                pin(cpus[index % cpus.length]);
                task.run();
              };
      return new LoopThread(body, name);
    };
  }

  private static String nameOf(ChannelTransport transport, EngineOptions options, int index) {
    return options.name() + '-' + transport.kind() + '-' + index;
  }

  private static void pin(int cpu) {
    try {
      CpuAffinity.setCurrentThread(CpuSet.of(cpu));
    } catch (java.io.IOException e) {
      System.getLogger("dev.headrace").log(System.Logger.Level.WARNING, e.getMessage());
    }
  }
}
