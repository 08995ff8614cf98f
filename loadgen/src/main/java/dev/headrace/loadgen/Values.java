package dev.headrace.loadgen;

import dev.headrace.FileBackend;
import dev.headrace.Transport;
import dev.headrace.linux.CpuSet;
import dev.headrace.loadgen.bench.BenchWorkload;
import dev.headrace.loadgen.load.Arrivals;
import dev.headrace.service.ProxyProtocol;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How the command line's values are read; a bad one is named with what it should look like. */
public final class Values {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([kmg]?)");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m|h)");

  private Values() {}

  /** Bytes: {@code 64}, {@code 4k}, {@code 1m}, {@code 1g}; powers of 1024. */
  public static final class Size implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      Matcher matcher = SIZE.matcher(text.toLowerCase(java.util.Locale.ROOT));
      if (!matcher.matches()) {
        throw new TypeConversionException("'" + text + "' is no size such as 64, 4k or 1m");
      }
      int shift =
          switch (matcher.group(2)) {
            case "k" -> 10;
            case "m" -> 20;
            case "g" -> 30;
            default -> 0;
          };
      return Long.parseLong(matcher.group(1)) << shift;
    }
  }

  /** A stretch of time: {@code 500ms}, {@code 5s}, {@code 1.5m}, {@code 1h}. */
  static final class Time implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      Matcher matcher = DURATION.matcher(text);
      if (!matcher.matches()) {
        throw new TypeConversionException("'" + text + "' is no duration such as 500ms, 5s or 1m");
      }
      double unitNanos =
          switch (matcher.group(2)) {
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 60e9;
            default -> 3600e9;
          };
      double nanos = Double.parseDouble(matcher.group(1)) * unitNanos;
      if (nanos > Duration.ofDays(7).toNanos()) {
        throw new TypeConversionException("'" + text + "' is longer than a week");
      }
      return Duration.ofNanos(Math.round(nanos));
    }
  }

  /** A CPU list as {@code taskset -c} takes it. */
  static final class Cpus implements ITypeConverter<CpuSet> {
    @Override
    public CpuSet convert(String text) {
      try {
        return CpuSet.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** A transport by its label. */
  static final class TransportLabel implements ITypeConverter<Transport> {
    @Override
    public Transport convert(String text) {
      try {
        return Transport.of(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** How a file's operations are done. */
  static final class FileBackendLabel implements ITypeConverter<FileBackend> {
    @Override
    public FileBackend convert(String text) {
      for (FileBackend backend : List.of(FileBackend.RING, FileBackend.THREADS)) {
        if (backend.toString().equals(text)) {
          return backend;
        }
      }
      throw new TypeConversionException("'" + text + "' is neither ring nor threads");
    }
  }

  /** How arrivals are spread. */
  static final class ArrivalsLabel implements ITypeConverter<Arrivals> {
    @Override
    public Arrivals convert(String text) {
      for (Arrivals arrivals : Arrivals.values()) {
        if (arrivals.toString().equals(text)) {
          return arrivals;
        }
      }
      throw new TypeConversionException("'" + text + "' is neither uniform nor poisson");
    }
  }

  /** A workload of {@code bench}. */
  static final class BenchWorkloadLabel implements ITypeConverter<BenchWorkload> {
    @Override
    public BenchWorkload convert(String text) {
      for (BenchWorkload workload : BenchWorkload.values()) {
        if (workload.toString().equals(text)) {
          return workload;
        }
      }
      throw new TypeConversionException("'" + text + "' is no workload: use echo, proxy or file");
    }
  }

  /** The version of the PROXY protocol. */
  static final class ProxyProtocolLabel implements ITypeConverter<ProxyProtocol> {
    @Override
    public ProxyProtocol convert(String text) {
      for (ProxyProtocol version : ProxyProtocol.values()) {
        if (version.name().toLowerCase(java.util.Locale.ROOT).equals(text)) {
          return version;
        }
      }
      throw new TypeConversionException("'" + text + "' is neither none nor v1 nor v2");
    }
  }

  /** An address of TCP, not looked up yet. */
  static final class TcpAddress implements ITypeConverter<Address> {
    @Override
    public Address convert(String text) {
      try {
        return Address.parseTcp(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** An address, not looked up yet. */
  static final class AddressText implements ITypeConverter<Address> {
    @Override
    public Address convert(String text) {
      try {
        return Address.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
