package dev.headrace.loadgen.report;

import java.util.Locale;

/** Numbers as people read them: three digits, and a unit that fits. */
public final class Figures {
  private static final String[] TIMES = {"s", "ms", "µs", "ns"};
  private static final String[] BYTES = {"B", "kB", "MB", "GB", "TB"};

  private Figures() {}

  /** A stretch of time. */
  public static String time(double seconds) {
    if (seconds <= 0) {
      return "0 s";
    }
    int unit = 0;
    double value = seconds;
    while (value < 0.9995 && unit < TIMES.length - 1) {
      value *= 1000;
      unit++;
    }
    return digits(value) + ' ' + TIMES[unit];
  }

  /** An amount of bytes, in powers of 1000. */
  public static String bytes(double bytes) {
    int unit = 0;
    double value = bytes;
    while (value >= 999.5 && unit < BYTES.length - 1) {
      value /= 1000;
      unit++;
    }
    return (unit == 0 ? count(value) : digits(value)) + ' ' + BYTES[unit];
  }

  /** A whole number, in groups of three digits. */
  public static String count(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  /** A rate: whole where it is large, with decimals where it is small. */
  public static String rate(double perSecond) {
    return perSecond >= 100 ? count(perSecond) : digits(perSecond);
  }

  private static String digits(double value) {
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
