package dev.headrace.net;

import io.netty.channel.Channel;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Options and their values, in the order in which they are set.
 *
 * @param values of each option one of its own type: {@link #with} sees to that
 */
record OptionValues(Map<Option<?>, Object> values) {
  static final OptionValues NONE = new OptionValues(Map.of());

  <T> OptionValues with(Option<T> option, T value) {
    Map<Option<?>, Object> more = new LinkedHashMap<>(values);
    more.put(option, value);
    return new OptionValues(more);
  }

  void apply(Channel channel) throws IOException {
    for (Map.Entry<Option<?>, Object> entry : values.entrySet()) {
      apply(channel, entry.getKey(), entry.getValue());
    }
  }

  @SuppressWarnings("unchecked")
  private static <T> void apply(Channel channel, Option<T> option, Object value)
      throws IOException {
    option.set(channel, (T) value);
  }
}
