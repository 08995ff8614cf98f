package dev.headrace.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all verbs share: their options, and the rounds. */
final class Turns {
  /** After connecting, before a turn counts. */
  static final double SETTLE_SECONDS = 0.15;

  @Option(
      names = "--peers",
      defaultValue = "benchmarks/peers",
      description = "Where the peers were built (${DEFAULT-VALUE}).")
  Path peers;

  @Option(names = "--rounds", defaultValue = "31", description = "Rounds (${DEFAULT-VALUE}).")
  int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "0.4",
      description = "Length of one turn in seconds (${DEFAULT-VALUE}).")
  double seconds;

  @Option(
      names = "--warmup",
      defaultValue = "10",
      description = "Warm-up of each side in seconds (${DEFAULT-VALUE}).")
  double warmupSeconds;

  @Option(names = "--only", split = ",", description = "Only the sides with these names.")
  List<String> only = List.of();

  @Spec(Spec.Target.MIXEE)
  CommandSpec verb;

  private final Random random = new Random();

  /** What a side did in one turn. */
  record Sample(double cpuMicros, double rate) {
    /** Of a program that measured itself: peers print their CPU as one number, Headrace as two. */
    static Sample of(JsonNode run) {
      JsonNode cpu = run.get("cpu_seconds");
      double cpuSeconds =
          cpu.isNumber()
              ? cpu.asDouble()
              : cpu.get("user").asDouble() + cpu.get("system").asDouble();
      return new Sample(
          cpuSeconds * 1e6 / run.get("requests").asDouble(),
          run.get("requests_per_second").asDouble());
    }
  }

  /** Measures one side once. */
  interface Turn {
    Sample measure(String side) throws IOException, InterruptedException;
  }

  /** A program that {@code scripts/peers} built. */
  String peer(String path) {
    return peers.resolve(path).toString();
  }

  /** Those of the sides that were asked for. */
  <T> Map<String, T> chosen(Map<String, T> sides) {
    for (String name : only) {
      if (!sides.containsKey(name)) {
        throw new ParameterException(
            verb.commandLine(),
            "--only: no side is called " + name + "; there are " + sides.keySet());
      }
    }
    Map<String, T> chosen = new LinkedHashMap<>(sides);
    if (!only.isEmpty()) {
      chosen.keySet().retainAll(only);
    }
    return chosen;
  }

  /** All rounds: in each every side once, in random order. */
  Collection<Contender> run(Collection<String> names, Turn turn)
      throws IOException, InterruptedException {
    Map<String, Contender> sides = new LinkedHashMap<>();
    names.forEach(name -> sides.put(name, new Contender(name)));
    List<String> order = new ArrayList<>(names);
    for (int round = 0; round < rounds; round++) {
      Collections.shuffle(order, random);
      for (String name : order) {
        Sample sample = turn.measure(name);
        sides.get(name).add(sample.cpuMicros, sample.rate);
      }
    }
    return sides.values();
  }

  /** A table for each base that took part. */
  void print(String title, String rateUnit, Collection<Contender> sides, List<String> bases) {
    System.out.printf("%s (%d rounds of %.1f s)%n", title, rounds, seconds);
    for (String name : bases) {
      for (Contender base : sides) {
        if (base.name().equals(name)) {
          System.out.print(Contender.header(name, rateUnit));
          sides.forEach(side -> System.out.print(side.row(base)));
        }
      }
    }
  }
}
