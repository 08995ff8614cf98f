package dev.headrace.service;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

/**
 * What a request is answered with, before it is made into bytes.
 *
 * @param status of the answer
 * @param bodyBytes how many static bytes; {@link #TEXT} for a text that fits the status
 * @param head whether the body is left out
 * @param ending what becomes of the connection
 */
record HttpReply(HttpResponseStatus status, int bodyBytes, boolean head, Ending ending) {
  /** What becomes of the connection after an answer, and what the answer says of it. */
  enum Ending {
    /** It is kept, as HTTP/1.1 does without a word. */
    KEPT,
    /** It is kept, and HTTP/1.0 must be told. */
    KEPT_AS_ASKED,
    /** It is closed. */
    CLOSED
  }

  static final int TEXT = -1;
  static final int MOST_BYTES = 16 << 20;

  /** The one that must be fast: nothing is allocated for it. */
  static final HttpReply HELLO = new HttpReply(HttpResponseStatus.OK, TEXT, false, Ending.KEPT);

  private static final String BYTES = "/bytes/";
  private static final int MOST_DIGITS = 9;

  boolean closes() {
    return ending == Ending.CLOSED;
  }

  /** The same answer, and the last one of its connection. */
  HttpReply closing() {
    return closes() ? this : new HttpReply(status, bodyBytes, head, Ending.CLOSED);
  }

  static HttpReply last(HttpResponseStatus status) {
    return new HttpReply(status, TEXT, false, Ending.CLOSED);
  }

  /** A text that says no more than the status. */
  static HttpReply textual(HttpResponseStatus status, HttpAsked asked) {
    return new HttpReply(status, TEXT, asked.head(), asked.ending());
  }

  /** The answer to what is no HTTP; what follows it cannot be understood either. */
  static HttpReply toNonsense(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException line -> last(HttpResponseStatus.REQUEST_URI_TOO_LONG);
      case TooLongHttpHeaderException headers ->
          last(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE);
      default -> last(HttpResponseStatus.BAD_REQUEST);
    };
  }

  /** The answer to a request whose body is longer than anyone would read. */
  static HttpReply tooLarge() {
    return last(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
  }

  /** The answer to a request that was understood. */
  static HttpReply to(HttpRequest request) {
    HttpAsked asked = HttpAsked.by(request);
    return asked.refusal() != null
        ? asked.refusal()
        : at(asked.path(), asked.head(), asked.ending());
  }

  private static HttpReply at(String path, boolean head, Ending ending) {
    if (path.equals("/")) {
      return !head && ending == Ending.KEPT
          ? HELLO
          : new HttpReply(HttpResponseStatus.OK, TEXT, head, ending);
    }
    if (!path.startsWith(BYTES)) {
      return new HttpReply(HttpResponseStatus.NOT_FOUND, TEXT, head, ending);
    }
    int bytes = number(path.substring(BYTES.length()));
    return bytes < 0
        ? new HttpReply(HttpResponseStatus.NOT_FOUND, TEXT, head, ending)
        : bytes > MOST_BYTES
            ? new HttpReply(HttpResponseStatus.BAD_REQUEST, TEXT, head, ending)
            : new HttpReply(HttpResponseStatus.OK, bytes, head, ending);
  }

  /** A decimal number; past a thousand million any will do, and what is none is negative. */
  private static int number(String digits) {
    if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    return digits.length() > MOST_DIGITS ? Integer.MAX_VALUE : Integer.parseInt(digits);
  }
}
