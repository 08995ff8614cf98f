package dev.headrace.start;

import java.lang.reflect.Method;

/**
 * The jar's main class, compiled for Java 8: on a JVM that is too old for the rest it says so in
 * one line, where Java itself would print a stack trace.
 */
public final class Start {
  private static final int NEEDED = 25;

  private Start() {}

  public static void main(String[] args) throws Throwable {
    String version = System.getProperty("java.specification.version");
    int feature = Integer.parseInt(version.startsWith("1.") ? version.substring(2) : version);
    if (feature < NEEDED) {
      System.err.println(
          "headrace: this is Java "
              + feature
              + " ("
              + System.getProperty("java.home")
              + "), and JDK "
              + NEEDED
              + " or newer is needed: install one, or start with its bin/java");
      System.exit(1);
    }
    Method main =
        Class.forName("dev.headrace.loadgen.Main")
            .getMethod("main", new Class<?>[] {args.getClass()});
    main.invoke(null, new Object[] {args});
  }
}
