package dev.headrace.service;

import dev.headrace.service.HttpReply.Ending;
import io.netty.handler.codec.http.HttpResponseStatus;

/** The head of an answer, as text. */
final class HttpHead {
  private HttpHead() {}

  /**
   * Makes one.
   *
   * @param date of now, as HTTP has it
   * @param headers names and values in turn; a null value leaves its name out
   */
  static String of(HttpResponseStatus status, String date, Ending ending, String... headers) {
    StringBuilder head = new StringBuilder(256).append("HTTP/1.1 ").append(status);
    head.append("\r\ndate: ").append(date);
    for (int i = 0; i < headers.length; i += 2) {
      if (headers[i + 1] != null) {
        head.append("\r\n").append(headers[i]).append(": ").append(headers[i + 1]);
      }
    }
    if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
      head.append("\r\nallow: GET, HEAD");
    }
    return head.append(
            switch (ending) {
              case KEPT -> "";
              case KEPT_AS_ASKED -> "\r\nconnection: keep-alive";
              case CLOSED -> "\r\nconnection: close";
            })
        .append("\r\n\r\n")
        .toString();
  }
}
