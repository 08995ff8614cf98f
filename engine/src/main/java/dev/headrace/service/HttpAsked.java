package dev.headrace.service;

import dev.headrace.service.HttpReply.Ending;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;

/**
 * What a request asks for, whatever is served.
 *
 * @param path as it was sent, without the query; null where the request is refused
 * @param head whether it wants no body
 * @param ending what becomes of the connection after the answer
 * @param refusal the answer to what no server of files or texts does; null for others
 */
record HttpAsked(String path, boolean head, Ending ending, HttpReply refusal) {
  /** What a request that was understood asks for. */
  static HttpAsked by(HttpRequest request) {
    HttpVersion version = request.protocolVersion();
    if (version.majorVersion() != 1) {
      return refused(HttpReply.last(HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED));
    }
    boolean is11 = version.isKeepAliveDefault();
    if (is11 && !request.headers().contains(HttpHeaderNames.HOST)) {
      return refused(HttpReply.last(HttpResponseStatus.BAD_REQUEST));
    }
    Ending ending = Ending.KEPT;
    if (!is11 || request.headers().contains(HttpHeaderNames.CONNECTION)) {
      boolean kept = HttpUtil.isKeepAlive(request);
      ending = !kept ? Ending.CLOSED : is11 ? Ending.KEPT : Ending.KEPT_AS_ASKED;
    }
    boolean head = HttpMethod.HEAD.equals(request.method());
    if (!head && !HttpMethod.GET.equals(request.method())) {
      // Who waits for leave to send a body may send it or not once it is refused: nobody can tell.
      boolean waits = request.headers().contains(HttpHeaderNames.EXPECT);
      return refused(
          new HttpReply(
              HttpResponseStatus.METHOD_NOT_ALLOWED,
              HttpReply.TEXT,
              false,
              waits ? Ending.CLOSED : ending));
    }
    return new HttpAsked(path(request.uri()), head, ending, null);
  }

  private static HttpAsked refused(HttpReply refusal) {
    return new HttpAsked(null, false, refusal.ending(), refusal);
  }

  /** The path of {@code /path?query}, or of what a proxy is asked: {@code http://host/path}. */
  private static String path(String target) {
    int begin = 0;
    if (!target.startsWith("/")) {
      int scheme = target.indexOf("://");
      begin = scheme < 0 ? 0 : target.indexOf('/', scheme + 3);
      if (begin < 0) {
        return "/";
      }
    }
    int query = target.indexOf('?', begin);
    return begin == 0 && query < 0
        ? target
        : target.substring(begin, query < 0 ? target.length() : query);
  }
}
