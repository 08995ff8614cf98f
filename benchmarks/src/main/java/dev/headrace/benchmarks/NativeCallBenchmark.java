package dev.headrace.benchmarks;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One cheap system call through FFM and through JNA: what decision 2 rests on. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class NativeCallBenchmark {
  private static final MethodHandle GETPPID = getppidThroughFfm();
  private static final CLibrary INTERFACE = Native.load("c", CLibrary.class);

  /** JNA's interface mapping. */
  public interface CLibrary extends Library {
    /** See getppid(2). */
    int getppid();
  }

  /** JNA's direct mapping. */
  static final class Direct {
    static {
      Native.register("c");
    }

    private Direct() {}

    static native int getppid();
  }

  @SuppressWarnings("restricted")
  private static MethodHandle getppidThroughFfm() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().find("getppid").orElseThrow(),
        FunctionDescriptor.of(ValueLayout.JAVA_INT));
  }

  /** FFM. */
  @Benchmark
  public int ffm() throws Throwable {
    return (int) GETPPID.invokeExact();
  }

  /** JNA, direct. */
  @Benchmark
  public int jnaDirect() {
    return Direct.getppid();
  }

  /** JNA, interface. */
  @Benchmark
  public int jnaInterface() {
    return INTERFACE.getppid();
  }
}
