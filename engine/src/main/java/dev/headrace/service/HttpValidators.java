package dev.headrace.service;

import dev.headrace.file.FileStat;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.temporal.ChronoUnit;
import java.util.Date;

/**
 * By what a client tells whether it has a file already, as RFC 9110, section 8.8, has it.
 *
 * @param etag another one whenever the file's size or time of change is another
 * @param modifiedSeconds since 1970
 */
record HttpValidators(String etag, long modifiedSeconds) {
  private static final long MILLIS = 1000;

  static HttpValidators of(FileStat stat) {
    long modifiedNanos = ChronoUnit.NANOS.between(java.time.Instant.EPOCH, stat.modified());
    String etag = '"' + Long.toHexString(modifiedNanos) + '-' + Long.toHexString(stat.size()) + '"';
    return new HttpValidators(etag, stat.modified().getEpochSecond());
  }

  String lastModified() {
    return DateFormatter.format(new Date(modifiedSeconds * MILLIS));
  }

  /** Whether the client has the file as it is. */
  boolean match(HttpHeaders headers) {
    String known = headers.get(HttpHeaderNames.IF_NONE_MATCH);
    if (known != null) { // then the time is not looked at
      return known.strip().equals("*") || known.contains(etag);
    }
    Date since = date(headers.get(HttpHeaderNames.IF_MODIFIED_SINCE));
    return since != null && modifiedSeconds <= since.getTime() / MILLIS;
  }

  /** Whether a range that is asked for is one of the file as it is. */
  boolean allowRange(HttpHeaders headers) {
    String condition = headers.get(HttpHeaderNames.IF_RANGE);
    if (condition == null) {
      return true;
    }
    Date date = date(condition);
    return condition.equals(etag) || date != null && modifiedSeconds == date.getTime() / MILLIS;
  }

  private static Date date(String text) {
    return text == null || text.startsWith("\"") ? null : DateFormatter.parseHttpDate(text);
  }
}
