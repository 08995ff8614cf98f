package dev.headrace.internal.loop;

import java.util.AbstractQueue;
import java.util.Iterator;
import java.util.Queue;

/** A loop's task queue, which sees where each task ends: at the next poll. */
final class MeteredTaskQueue extends AbstractQueue<Runnable> {
  private final Queue<Runnable> queue;
  private final LoopMeter meter;

  MeteredTaskQueue(Queue<Runnable> queue, LoopMeter meter) {
    this.queue = queue;
    this.meter = meter;
  }

  @Override
  public Runnable poll() {
    Runnable task = queue.poll();
    meter.taskBoundary(task != null);
    return task;
  }

  @Override
  public boolean offer(Runnable task) {
    return queue.offer(task);
  }

  @Override
  public Runnable peek() {
    return queue.peek();
  }

  @Override
  public boolean isEmpty() {
    return queue.isEmpty();
  }

  @Override
  public int size() {
    return queue.size();
  }

  @Override
  public boolean remove(Object task) {
    return queue.remove(task);
  }

  @Override
  public Iterator<Runnable> iterator() {
    return queue.iterator();
  }
}
