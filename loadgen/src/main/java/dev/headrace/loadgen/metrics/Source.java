package dev.headrace.loadgen.metrics;

/** Something that has numbers. Asked by the threads that scrape, at any time. */
public interface Source {
  /** Adds what there is now. */
  void addTo(Families families);
}
