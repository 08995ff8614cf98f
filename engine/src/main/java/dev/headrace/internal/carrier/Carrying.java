package dev.headrace.internal.carrier;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.util.concurrent.Executor;

/**
 * What carrying needs of the JDK. Its virtual threads run on any {@link Executor}, but JDK 25 has
 * no public door to that: the package {@code java.lang} must be opened to this module.
 */
public final class Carrying {
  /** Null where tasks can be carried, else why not, with the remedy. */
  private static final String OBSTACLE;

  private static final Constructor<?> BUILDER;
  private static final MethodHandle CURRENT_CARRIER;
  private static final Field CARRIER_OF;

  static {
    String obstacle = null;
    Constructor<?> builder = null;
    MethodHandle current = null;
    Field carrierOf = null;
    try {
      builder =
          Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
              .getDeclaredConstructor(Executor.class);
      builder.setAccessible(true);
      carrierOf = Class.forName("java.lang.VirtualThread").getDeclaredField("carrierThread");
      carrierOf.setAccessible(true);
      current =
          MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup())
              .findStatic(
                  Thread.class, "currentCarrierThread", MethodType.methodType(Thread.class));
    } catch (InaccessibleObjectException | IllegalAccessException e) {
      obstacle = "java.lang is not open; start the JVM with " + flag();
    } catch (ReflectiveOperationException e) {
      obstacle = "this JDK, " + Runtime.version() + ", has no " + e.getMessage();
    }
    OBSTACLE = obstacle;
    BUILDER = obstacle == null ? builder : null;
    CURRENT_CARRIER = obstacle == null ? current : null;
    CARRIER_OF = obstacle == null ? carrierOf : null;
  }

  private Carrying() {}

  private static String flag() {
    Module module = Carrying.class.getModule();
    return "--add-opens java.base/java.lang="
        + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
  }

  /**
   * Why tasks cannot be carried by the loops.
   *
   * @return one sentence with the remedy; null where they can
   */
  public static String obstacle() {
    return OBSTACLE;
  }

  /** The thread that runs the caller: its carrier, for a virtual thread. */
  public static Thread currentCarrier() {
    if (CURRENT_CARRIER == null) {
      return Thread.currentThread();
    }
    try {
      return (Thread) CURRENT_CARRIER.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** The thread that runs a virtual thread now; null while it is parked or waits for its turn. */
  static Thread carrierOf(Thread virtual) {
    try {
      return CARRIER_OF == null ? null : (Thread) CARRIER_OF.get(virtual);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  /** Makes virtual threads that run on an executor; on the JDK's scheduler where that is closed. */
  static Thread.Builder.OfVirtual threadsOn(Executor executor) {
    try {
      Thread.Builder.OfVirtual builder =
          BUILDER == null
              ? Thread.ofVirtual()
              : (Thread.Builder.OfVirtual) BUILDER.newInstance(executor);
      return builder.inheritInheritableThreadLocals(false);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
