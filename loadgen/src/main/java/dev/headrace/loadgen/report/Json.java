package dev.headrace.loadgen.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Documents as text. */
public final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Json() {}

  /** For people and programs: indented. */
  public static String document(Object value) {
    try {
      return MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A document that was kept; what this program does not know of it is passed over.
   *
   * @return empty where it is none, or of another kind
   * @throws IOException when it cannot be read
   */
  public static <T> Optional<T> read(Path path, Class<T> type) throws IOException {
    byte[] text = Files.readAllBytes(path);
    try {
      return Optional.ofNullable(MAPPER.readValue(text, type));
    } catch (IOException noSuchDocument) {
      return Optional.empty();
    }
  }

  /** A line of a log; empty where it is none. */
  public static <T> Optional<T> read(String line, Class<T> type) {
    try {
      return Optional.ofNullable(MAPPER.readValue(line, type));
    } catch (JsonProcessingException noSuchLine) {
      return Optional.empty();
    }
  }

  /** For logs: on one line. */
  public static String line(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
