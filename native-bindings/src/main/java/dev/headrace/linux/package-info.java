/**
 * Linux through the JDK's Foreign Function and Memory API, and through {@code /proc}: plain
 * questions and plain answers, no policy, no threads, no dependency.
 *
 * <pre>
 *   CpuTime  CpuUsage  CpuAffinity  ResourceLimit  Linux        KernelSettings  Cgroup  Cpus
 *   Sockets  Descriptors  FileCalls  IoUringProbe    |          ListeningProcess  ProcessMemory
 *      \        |          |            |           /                     |
 *       \_______|__________|____________|__________/                      |
 *                          |                                              |
 *                        Libc  (links every downcall)              /proc and /sys
 *                          |                                              |
 *                          +------------------ the kernel ----------------+
 * </pre>
 *
 * <p>Every class loads on every system. What needs Linux is resolved at its first call, and throws
 * {@link UnsupportedOperationException} elsewhere, naming the operation and {@code os.name}; a
 * method that answers empty there says so. The same exception names the remedy where the JVM denies
 * native access, or what the C library lacks. Unless a type says otherwise its methods may be
 * called by any thread.
 */
package dev.headrace.linux;
